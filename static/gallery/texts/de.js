// Made by `make messages` from the language's djangojs.po.
darkroom.texts((n) => Number((n != 1)), {});
