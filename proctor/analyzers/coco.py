"""The classes of the COCO data set (T.-Y. Lin et al., "Microsoft COCO: common objects in context", 2014)."""

from __future__ import annotations

from typing import Final

PERSON: Final = "person"
PHONE: Final = "cell phone"
LAPTOP: Final = "laptop"
SCREEN: Final = "tv"
"""Television sets and computer monitors."""
BOOK: Final = "book"
SCREENS: Final = (SCREEN, LAPTOP, PHONE)
"""What can show a picture of a person."""

_NAMES: Final = (
    "person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant - stop_sign parking_meter "
    "bench bird cat dog horse sheep cow elephant bear zebra giraffe - backpack umbrella - - handbag tie suitcase "
    "frisbee skis snowboard sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle - "
    "wine_glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair "
    "couch potted_plant bed - dining_table - - toilet - tv laptop mouse remote keyboard cell_phone microwave oven "
    "toaster sink refrigerator - book clock vase scissors teddy_bear hair_drier toothbrush"
)
IDENTIFIERS: Final[tuple[str | None, ...]] = tuple(
    None if name == "-" else name.replace("_", " ") for name in _NAMES.split()
)
"""Class of each of the identifiers 1 to 90; None where the data set has no object of it."""
CLASSES: Final[tuple[str, ...]] = tuple(name for name in IDENTIFIERS if name is not None)
"""The 80 classes, in order."""
