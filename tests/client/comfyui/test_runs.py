"""One run, from ComfyUI's messages to the gallery's events: whatever comes in whatever order, the end is the same."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from darkroom.bridges.comfyui.jobs import Job
from darkroom.bridges.comfyui.messages import Message
from darkroom.bridges.comfyui.outputs import Output
from darkroom.bridges.comfyui.runs import Run
from darkroom.bridges.comfyui.states import Copied, Phase
from darkroom.bridges.comfyui.workflow import Workflow

GRAPH = {
    "4": {"class_type": "CheckpointLoader", "inputs": {}},
    "3": {"class_type": "KSampler", "inputs": {"model": ["4", 0]}, "_meta": {"title": "My sampler"}},
    "8": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0], "filename_prefix": "sunset"}},
}
SHOWN = {"images": [{"filename": "sunset_1.png", "subfolder": "", "type": "output"}]}


patient = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def message(kind: str, **data: Any) -> Message:
    return Message(kind, {"prompt_id": "run"} | data, "run")


def state(node: str, value: float, most: float, word: str = "running", **more: Any) -> dict[str, Any]:
    return {node: {"value": value, "max": most, "state": word, "display_node_id": node} | more}


STORY = [
    message("execution_start"),
    message("execution_cached", nodes=["4"]),
    message("executing", node="3", display_node="3"),
    message("progress_state", nodes=state("3", 0, 1)),
    *[message("progress", node="3", value=step, max=20) for step in range(1, 21)],
    message("progress_state", nodes=state("3", 20, 20)),
    message("progress_state", nodes=state("3", 1, 1, "finished") | state("8", 0, 1)),
    message("executing", node="8", display_node="8"),
    message("executing", node="9", display_node="9"),
    message("executed", node="9", display_node="9", output=SHOWN),
    message("execution_success"),
    message("executing", node=None),
]


def make_run(**fields: Any) -> Run:
    return Run("run", Workflow(GRAPH), "sunset #1", 1, **fields)


def job(status: str = "completed", outputs: Any = None, *messages: tuple[str, dict[str, Any]]) -> Job:
    said = messages or (("execution_cached", {"nodes": ["4"]}), ("execution_success", {}))
    return Job(
        "run", status, workflow=Workflow(GRAPH), outputs={"9": SHOWN} if outputs is None else outputs, messages=said
    )


def progress(run: Run) -> list[int | None]:
    return [event.payload["progress"] for event in run.news()]


def test_a_run_from_its_start_to_its_end() -> None:
    run = make_run()
    start = run.start("folder")
    assert start.payload == {"batchId": "run", "total": 1, "label": "sunset #1", "targetFolderId": "folder"}
    [line] = run.news("In ComfyUI's queue, next")
    assert line.payload == {"batchId": "run", "progress": None, "message": "In ComfyUI's queue, next"}
    for heard in STORY[:14]:
        assert run.hear(heard) == []
    of_the_batch, of_the_slot = run.news()
    assert of_the_batch.payload == {"batchId": "run", "progress": 37, "message": "My sampler 10/20"}
    assert of_the_slot.payload == of_the_batch.payload | {"index": 0}
    fresh = [output for heard in STORY[14:] for output in run.hear(heard)]
    assert [output.key for output in fresh] == ["sunset_1.png"]
    added = run.add(fresh[0])
    assert added.payload["item"]["isPending"] and added.payload["item"]["metadata"]["prompt"] == GRAPH
    assert run.end() is None
    assert run.learn(job()) == []
    assert run.end() is None, "the file has not come yet"
    assert run.keep(fresh[0]).payload == {"itemId": fresh[0].item_id("run"), "status": "complete"}
    end = run.end()
    assert end is not None and end.payload == {"batchId": "run", "status": "complete", "message": ""}
    assert run.end() is None and list(run.news()) == [] and run.learn(job()) == []


@patient
@given(st.randoms(use_true_random=False), st.integers(0, len(STORY)))
def test_whatever_is_heard_the_end_is_the_same_and_the_bar_never_goes_back(chance: random.Random, lost: int) -> None:
    heard = [*STORY, *STORY]
    chance.shuffle(heard)
    run, bar, fresh, ends = make_run(), [0], [], []
    for told in heard[lost:]:
        fresh += run.hear(told)
        bar += [percent for percent in progress(run) if percent is not None]
    fresh += run.learn(job())
    for output in fresh:
        run.keep(output)
    ends = [run.end(), run.end()]
    for told in heard:
        assert run.hear(told) == []
    ends.append(run.end())
    assert [output.key for output in fresh] == ["sunset_1.png"]
    assert [end.payload["status"] for end in ends if end] == ["complete"]
    assert bar == sorted(bar) and all(isinstance(percent, int) and 0 <= percent <= 99 for percent in bar)


@patient
@given(
    st.sampled_from(
        ["progress", "progress_state", "executing", "executed", "execution_cached", "execution_error", "x"]
    ),
    st.dictionaries(
        st.sampled_from(["node", "nodes", "value", "max", "output", "display_node", "node_id"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["3", "state", "max"]), inner),
            max_leaves=6,
        ),
    ),
)
def test_it_bears_whatever_a_message_holds(kind: str, data: dict[str, Any]) -> None:
    run = make_run()
    run.hear(message(kind, **data))
    for event in run.news():
        assert event.payload["progress"] is None or 0 <= event.payload["progress"] <= 99
        assert len(event.payload["message"]) <= 2_000


def test_an_older_version_tells_only_of_the_node_that_goes_on() -> None:
    run = make_run()
    for told in [
        message("executing", node="4"),
        message("executing", node="3"),
        message("progress", node="3", value=4, max=20),
    ]:
        run.hear(told)
    assert [event.payload["message"] for event in run.news()] == ["My sampler 4/20"] * 2
    assert run.progress.now()[0] == 30


def test_nodes_that_are_not_in_the_prompt_do_not_count_but_are_named_by_the_one_that_they_belong_to() -> None:
    run = make_run()
    inner = {f"3.{index}": value for index in range(50) for value in state("x", 1, 1, "finished").values()}
    run.hear(message("progress_state", nodes=inner | state("3.51", 4, 8, display_node_id="3", activity="loading")))
    assert run.progress.now() == (0, "My sampler 4/8 (loading)")


def test_one_of_whom_nothing_is_heard_says_why() -> None:
    run = make_run()
    run.learn(job("in_progress", {}))
    [line, _] = run.news()
    assert line.payload["progress"] is None and "steps unknown" in line.payload["message"]
    assert make_run(is_ours=True).progress.now() == (None, "Starting")


def test_the_same_is_told_once_and_again_when_it_must_be() -> None:
    run = make_run()
    run.hear(STORY[4])
    assert len(list(run.news())) == 2 and list(run.news()) == []
    assert len(list(run.news(again=True))) == 2


def test_a_failure_names_the_node_and_keeps_what_was_made() -> None:
    run = make_run()
    [output] = run.hear(message("executed", node="9", output=SHOWN))
    error = {"node_id": "3", "node_type": "KSampler", "exception_message": "CUDA out of memory\n"}
    run.learn(job("failed", {"9": SHOWN}, ("execution_error", error)))
    assert run.end() is None
    run.keep(output)
    end = run.end()
    assert end is not None and end.payload["status"] == "error"
    assert end.payload["message"] == "My sampler: CUDA out of memory"


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [(True, "Cancelled in the gallery at My sampler."), (False, "Stopped in ComfyUI at My sampler.")],
)
def test_an_interruption_says_where_it_was_asked_for(asked: bool, sentence: str) -> None:
    run = make_run(is_cancel_asked=asked)
    run.learn(job("cancelled", {}, ("execution_interrupted", {"node_id": "3"})))
    end = run.end()
    assert end is not None and (end.payload["status"], end.payload["message"]) == ("cancelled", sentence)


@pytest.mark.parametrize(
    ("phase", "was_there", "asked", "status"),
    [
        (Phase.RUNNING, True, False, "error"),
        (Phase.RUNNING, False, False, "error"),
        (Phase.WAITING, False, False, "error"),
        (Phase.WAITING, True, False, "cancelled"),  # somebody took it out of the queue
        (Phase.WAITING, True, True, "cancelled"),
        (Phase.RUNNING, False, True, "cancelled"),
    ],
)
def test_what_comfyui_no_longer_knows_is_never_done(phase: Phase, was_there: bool, asked: bool, status: str) -> None:
    run = make_run(phase=phase, is_cancel_asked=asked)
    run.lose(was_there)
    end = run.end()
    assert end is not None and end.payload["status"] == status
    assert status != "error" or end.payload["message"].startswith("Lost:")


def test_what_was_heard_counts_where_the_history_was_emptied() -> None:
    run = make_run()
    run.hear(message("execution_success"))
    run.lose(was_there=True)
    end = run.end()
    assert end is not None and end.payload["status"] == "complete"


def test_a_blocked_node_is_no_end() -> None:
    """ComfyUI says ``execution_error`` for one and goes on (``execution.py``, ``execution_block_cb``)."""
    run = make_run()
    run.hear(message("execution_error", node_id="8", exception_message="Execution Blocked: no face"))
    assert run.end() is None
    [output] = run.learn(job())
    run.keep(output)
    end = run.end()
    assert end is not None and end.payload["status"] == "complete"


def test_what_an_earlier_run_made_is_not_copied_twice() -> None:
    run = make_run(seen={"sunset_1.png": "earlier"})
    assert run.hear(message("executed", node="9", output=SHOWN)) == [], (
        "it may be a new file of that name: not known yet"
    )
    cached = ("execution_cached", {"nodes": ["4", "3", "8", "9"]})
    assert run.learn(job("completed", None, cached, ("execution_success", {}))) == []
    end = run.end()
    assert end is not None and "1 of its outputs from an earlier run" in end.payload["message"]


def test_a_new_file_of_an_old_name_is_copied() -> None:
    run = make_run(seen={"sunset_1.png": "earlier"})
    assert run.hear(message("executed", node="9", output=SHOWN)) == []
    assert [output.key for output in run.learn(job())] == ["sunset_1.png"]


def test_a_file_that_could_not_be_copied_makes_it_partial() -> None:
    run = make_run()
    [output] = run.learn(job())
    failed = run.fail(output, "sunset_1.png has 2.0 GiB.")
    assert failed.payload["status"] == "error" and run.copies == {"sunset_1.png": Copied.FAILED}
    end = run.end()
    assert end is not None and end.payload["status"] == "partial" and "2.0 GiB" in end.payload["message"]


def test_what_is_only_shown_is_said() -> None:
    run = make_run()
    assert (
        run.learn(job("completed", {"9": {"images": [{"filename": "a.png", "subfolder": "", "type": "temp"}]}})) == []
    )
    end = run.end()
    assert end is not None and "ComfyUI only showed 1" in end.payload["message"]


def test_pictures_beyond_the_total_are_kept_and_have_no_placeholder() -> None:
    run = make_run()
    run.hear(STORY[4])
    assert run.slot == 0
    [output] = run.hear(message("executed", node="9", output=SHOWN))
    assert run.slot is None and [event.payload.get("index") for event in run.news(again=True)] == [None]
    assert isinstance(output, Output)
