"""Puts the results into words and tables."""

from __future__ import annotations

from typing import Any

LIMITS = (
    "The set is small (33 pictures of groups, 310 pairs of 78 people, 41 recordings, 15 clips), made by others for "
    "other purposes, with few webcams among it. Intervals are 95 % Wilson and take the cases for independent, which "
    "pairs of the same people are not. The identity threshold was chosen on these pairs. Nothing here says how well a "
    "sense works for one origin, age or kind of light; repeat it on your own people before you lean on a figure."
)

GROUP_HEADER = (
    "| group | ours: true accept | ours: false match | lowest same | highest different | plain: true accept "
    "| plain: false match |"
)


def as_markdown(result: dict[str, Any]) -> str:
    """The whole report."""
    lines = [
        "# Accuracy",
        "",
        _provenance(result),
        "",
        LIMITS,
        *_people(result["people"]),
        *_verification(result["verification"]),
        *_speech(result["speech"]),
        *_events(result["events"]),
        *_cost(result["cost_ms"]),
    ]
    return "\n".join(lines) + "\n"


def _people(people: dict[str, Any]) -> list[str]:
    return [
        "",
        "## People in a picture (right bucket of 0, 1, 2, 3+)",
        "",
        "| | all | every face clear |",
        "|---|---|---|",
        *(
            f"| {way} | {_share(people['bucket'][way])} | {_share(people['bucket_clear_faces'][way])} |"
            for way in people["bucket"]
        ),
        "",
        "Faces on posters and screens count as people in a single picture; people seen from behind are not counted.",
    ]


def _verification(pairs: dict[str, Any]) -> list[str]:
    plain = pairs["plain_sface"]["groups"]
    return [
        "",
        "## Is it the same person",
        "",
        "| | TAR at FMR 1e-2 | threshold used | true accept there | false match there |",
        "|---|---|---|---|---|",
        *(_verification_row(way, pairs[way]) for way in ("ours", "plain_sface")),
        "",
        GROUP_HEADER,
        "|---|---|---|---|---|---|---|",
        *(_group_row(group, errors, plain[group]) for group, errors in pairs["ours"]["groups"].items()),
    ]


def _speech(speech: dict[str, Any]) -> list[str]:
    return [
        "",
        "## Speech",
        "",
        "| | recordings told apart | precision | recall | F1 of intervals |",
        "|---|---|---|---|---|",
        *(_speech_row(way, speech) for way in speech["clips"]),
        "",
        f"Share of other sound taken for speech: {speech['false_speech_share_of_other_sound']}.",
        "Labelled intervals of meetings bridge short pauses, which costs recall.",
    ]


def _events(events: dict[str, Any]) -> list[str]:
    return [
        "",
        "## Events on video (median over the labelled interval)",
        "",
        "| event | as labelled |",
        "|---|---|",
        *(f"| {event} | {_share(share)} |" for event, share in events["events"].items()),
        f"| **people, all** | {_share(events['people'])} |",
        f"| **people, where faces are seen** | {_share(events['people_with_faces'])} |",
        f"| **head** | {_share(events['head'])} |",
    ]


def _cost(cost_ms: dict[str, float]) -> list[str]:
    return [
        "",
        "## Cost",
        "",
        "CPU milliseconds of a call on one thread (640 x 480 picture, one face; a second of sound).",
        "What else the machine does at the time can double them.",
        "",
        "| " + " | ".join(cost_ms) + " |",
        "|" + "---|" * len(cost_ms),
        "| " + " | ".join(f"{value:g}" for value in cost_ms.values()) + " |",
    ]


def _provenance(result: dict[str, Any]) -> str:
    return (
        f"Measured by `python3 run.py bench accuracy` on {result['data']['name']}{_thinned(result)}, models "
        f"{', '.join(result['models'])}."
    )


def _thinned(result: dict[str, Any]) -> str:
    return " (quick: a part of it)" if result["data"]["quick"] else ""


def _share(share: dict[str, Any]) -> str:
    if share["share"] is None:
        return "no cases"
    low, high = share["wilson_95"]
    return f"{share['hits']}/{share['cases']} = {share['share']:.3f} ({low:.3f} to {high:.3f})"


def _verification_row(way: str, report: dict[str, Any]) -> str:
    acceptance, total = report["tar_at_fmr_1e-2"], report["all"]
    return (
        f"| {way} | {_share(acceptance)} | {report['threshold']} | {_share(total['true_accept'])} "
        f"| {_share(total['false_match'])} |"
    )


def _group_row(group: str, ours: dict[str, Any], plain: dict[str, Any]) -> str:
    return (
        f"| {group} | {_share(ours['true_accept'])} | {_share(ours['false_match'])} | {ours['lowest_genuine']} "
        f"| {ours['highest_impostor']} | {_share(plain['true_accept'])} | {_share(plain['false_match'])} |"
    )


def _speech_row(way: str, speech: dict[str, Any]) -> str:
    segments = speech["segments"][way]
    return (
        f"| {way} | {_share(speech['clips'][way])} | {segments['precision']} | {segments['recall']} "
        f"| {segments['f1']} |"
    )
