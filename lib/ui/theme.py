"""Where the theme's files lie, and the contrast that its colours must reach."""

from pathlib import Path

ASSETS = Path(__file__).parent / "assets"
FAVICON = ASSETS / "favicon.svg"
AA_TEXT = 4.5
AA_SHAPES = 3.0


def contrast(first: str, second: str) -> float:
    """The contrast of two colours "#rrggbb", from 1 to 21, as WCAG 2.2 computes it."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def blend(over: str, under: str, alpha: float) -> str:
    """The colour seen when `over` is painted with an opacity of 0 to 1 upon `under`."""
    mixed = (round(a * alpha + b * (1 - alpha)) for a, b in zip(_channels(over), _channels(under), strict=True))
    return "#" + "".join(f"{value:02x}" for value in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    value = colour.removeprefix("#")
    return int(value[0:2], 16), int(value[2:4], 16), int(value[4:6], 16)


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
