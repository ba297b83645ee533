// Made by `make messages` from the language's djangojs.po.
darkroom.texts((n) => Number((n != 1)), {
 "%(count)s already here": "%(count)s schon hier",
 "%(count)s byte": [
  "%(count)s Byte",
  "%(count)s Byte"
 ],
 "%(count)s failed": "%(count)s fehlgeschlagen",
 "%(count)s file is already here": [
  "%(count)s Datei ist schon hier",
  "%(count)s Dateien sind schon hier"
 ],
 "%(count)s file uploaded": [
  "%(count)s Datei hochgeladen",
  "%(count)s Dateien hochgeladen"
 ],
 "%(count)s file was not added": [
  "%(count)s Datei kam nicht dazu",
  "%(count)s Dateien kamen nicht dazu"
 ],
 "%(count)s folder found.": [
  "%(count)s Ordner gefunden.",
  "%(count)s Ordner gefunden."
 ],
 "%(count)s h ago": "vor %(count)s Std.",
 "%(count)s item": [
  "%(count)s Eintrag",
  "%(count)s Einträge"
 ],
 "%(count)s min ago": "vor %(count)s Min.",
 "%(count)s new": "%(count)s neue",
 "%(count)s of them are not here any more.": "%(count)s davon sind nicht mehr hier.",
 "%(count)s picture finished": [
  "%(count)s Bild fertig",
  "%(count)s Bilder fertig"
 ],
 "%(count)s picture is coming: %(label)s.": [
  "%(count)s Bild kommt: %(label)s.",
  "%(count)s Bilder kommen: %(label)s."
 ],
 "%(count)s s ago": "vor %(count)s Sek.",
 "%(count)s selected.": "%(count)s ausgewählt.",
 "%(count)s uploaded": "%(count)s hochgeladen",
 "%(items)s starred.": "%(items)s mit Stern markiert.",
 "%(items)s without a star.": "%(items)s ohne Stern.",
 "%(name)s failed.": "%(name)s ist fehlgeschlagen.",
 "%(name)s is finished.": "%(name)s ist fertig.",
 "%(name)s: not selected. %(count)s selected.": "%(name)s: nicht ausgewählt. %(count)s ausgewählt.",
 "%(name)s: selected. %(count)s selected.": "%(name)s: ausgewählt. %(count)s ausgewählt.",
 "%(sent)s of %(size)s": "%(sent)s von %(size)s",
 "%(sentence)s %(label)s: Ctrl Z.": "%(sentence)s %(label)s: Strg Z.",
 "%(sentence)s You had typed: “%(text)s”": "%(sentence)s Eingegeben war: „%(text)s“",
 "%(words)s · newest first": "%(words)s · neueste zuerst",
 "1 item starred.": "1 Eintrag mit Stern markiert.",
 "1 item without a star.": "1 Eintrag ohne Stern.",
 "Already here as": "Schon hier als",
 "Being looked into": "Wird geprüft",
 "Cancel": "Abbrechen",
 "Close": "Schließen",
 "Keep both": "Beide behalten",
 "Live updates do not come through. This page looks for news every 10 seconds.": "Neues kommt nicht von selbst durch. Diese Seite sieht alle 10 Sekunden nach.",
 "More pictures are coming: %(label)s.": "Weitere Bilder kommen: %(label)s.",
 "More than %(count)s files at once: the others were left out.": "Mehr als %(count)s Dateien auf einmal: Die übrigen wurden ausgelassen.",
 "Name": "Name",
 "No folder is called so.": "So heißt kein Ordner.",
 "None of these has a file yet": "Noch hat nichts davon eine Datei",
 "Nor can %(count)s more.": [
  "%(count)s weitere auch nicht.",
  "%(count)s weitere auch nicht."
 ],
 "Nothing found so far. Looking further.": "Bisher nichts gefunden. Die Suche geht weiter.",
 "Nothing of what was selected is here any more.": "Vom Ausgewählten ist nichts mehr hier.",
 "Nothing that is selected has failed and can be tried again": "Nichts Ausgewähltes ist fehlgeschlagen und lässt sich erneut versuchen",
 "Reconnecting…": "Verbindung wird wieder aufgebaut…",
 "Select exactly one item for this": "Dafür genau einen Eintrag auswählen",
 "Select one to rename it": "Zum Umbenennen einen auswählen",
 "Select only items of the type %(types)s for this": "Dafür nur Einträge dieser Art auswählen: %(types)s",
 "Select two finished pictures to compare them": "Zum Vergleichen zwei fertige Bilder auswählen",
 "Sign in again.": "Neu anmelden.",
 "Skip": "Überspringen",
 "Somebody has removed it meanwhile.": "Inzwischen hat es jemand entfernt.",
 "Taken back.": "Rückgängig gemacht.",
 "That did not work. Load the page again.": "Das ging nicht. Bitte die Seite neu laden.",
 "The connection is cut again and again. Nothing is lost, but news may come late.": "Die Verbindung bricht immer wieder ab. Nichts geht verloren, aber Neues kommt vielleicht spät.",
 "The file could not be loaded.": "Die Datei ließ sich nicht laden.",
 "The gallery answered %(status)s.": "Die Galerie antwortete mit %(status)s.",
 "The gallery cannot be reached. It goes on by itself.": "Die Galerie ist nicht erreichbar. Es geht von selbst weiter.",
 "The gallery cannot reach its database. This page goes on by itself.": "Die Galerie erreicht ihre Datenbank nicht. Diese Seite macht von selbst weiter.",
 "The gallery could not be reached. Try again.": "Die Galerie war nicht erreichbar. Bitte noch einmal versuchen.",
 "This folder is gone.": "Diesen Ordner gibt es nicht mehr.",
 "This item was removed.": "Dieser Eintrag wurde entfernt.",
 "To the folders.": "Zu den Ordnern.",
 "Today": "Heute",
 "Try again": "Erneut versuchen",
 "Undo": "Rückgängig",
 "Uploading %(count)s files.": "%(count)s Dateien werden hochgeladen.",
 "Uploading %(number)s of %(total)s": "%(number)s von %(total)s wird hochgeladen",
 "Uploading 1 file": "1 Datei wird hochgeladen",
 "Uploading 1 file.": "1 Datei wird hochgeladen.",
 "Waits for its turn": "Wartet, bis es dran ist",
 "What still develops can be copied once it is finished": "Was sich noch entwickelt, lässt sich kopieren, sobald es fertig ist",
 "Yesterday": "Gestern",
 "You have been signed out.": "Die Sitzung ist abgemeldet.",
 "You have been signed out. Sign in again.": "Die Sitzung ist abgemeldet. Bitte neu anmelden.",
 "You have been signed out. Sign in and choose the file again: it goes on.": "Die Sitzung ist abgemeldet. Bitte anmelden und die Datei neu wählen: Es geht weiter.",
 "You may no longer see this folder.": "Dieser Ordner ist nicht mehr sichtbar.",
 "about %(time)s left": "noch etwa %(time)s",
 "and %(count)s more": "und %(count)s weitere",
 "any moment now": "jeden Moment",
 "just now": "gerade eben",
 "“%(name)s” cannot be read.": "„%(name)s“ ist nicht lesbar.",
 "“%(name)s” is not here any more.": "„%(name)s“ ist nicht mehr hier.",
 "“%(name)s” was removed.": "„%(name)s“ wurde entfernt."
});
