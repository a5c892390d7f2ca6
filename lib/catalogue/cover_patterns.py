"""The patterns of typeset covers: each fills a field of `w` × `h` user units with SVG shapes in three inks."""

import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that is the same for the same seed, on every machine and version."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._drawn = 0

    def number(self, below: int) -> int:
        """A whole number from 0 to `below` - 1."""
        self._drawn += 1
        digest = hashlib.blake2b(f"{self._drawn}|{self._seed}".encode("utf-8", "replace"), digest_size=8).digest()
        return int.from_bytes(digest, "big") % below

    def between(self, low: float, high: float) -> float:
        return low + (high - low) * self.number(10_000) / 9_999

    def pick(self, options: Sequence[T]) -> T:
        return options[self.number(len(options))]


@dataclass(frozen=True, slots=True)
class Inks:
    """The colours of a field: its ground, and three that stand on it."""

    ground: str
    a: str
    b: str
    c: str


Pattern = Callable[[Dice, float, float, Inks], str]


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _circle(x: float, y: float, r: float, paint: str) -> str:
    return f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}" {paint}/>'


def _path(d: str, paint: str) -> str:
    return f'<path d="{d}" {paint}/>'


def _fill(colour: str, opacity: float = 1) -> str:
    return f'fill="{colour}"' + (f' opacity="{_n(opacity)}"' if opacity < 1 else "")


def _stroke(colour: str, thick: float) -> str:
    return f'fill="none" stroke="{colour}" stroke-width="{_n(thick)}"'


def bands(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Stripes of uneven height, like the edge of a blanket."""
    found, y = [], -dice.between(0, 12)
    heights = (5, 9, 9, 14, 22, 34)
    while y < h:
        thick = dice.pick(heights)
        found.append(_path(f"M0 {_n(y)}h{_n(w)}v{thick}h{_n(-w)}z", _fill(dice.pick((inks.a, inks.b, inks.b, inks.c)))))
        y += thick + dice.pick((4, 7, 11, 18))
    return "".join(found)


def arcs(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Rings about a corner or an edge."""
    cx, cy = dice.pick(((0.0, h), (w, h), (w / 2, h), (w, 0.0), (0.0, 0.0)))
    step, reach = dice.pick((17, 22, 27)), math.hypot(w, h)
    shades = (inks.b, inks.ground, inks.a, inks.ground, inks.b, inks.ground, inks.c, inks.ground)
    turn, found = dice.number(4) * 2, []
    for ring in range(min(18, int(reach / step)), 0, -1):
        found.append(_circle(cx, cy, ring * step, _fill(shades[(ring + turn) % 8])))
    return "".join(found)


def scallops(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Overlapping scales of rings, row over row (seigaiha)."""
    across = max(1, round(w / dice.pick((48, 58, 72))))
    r = w / across / 2
    rings = [(1.0, inks.b), (0.86, inks.ground), (0.62, inks.a), (0.48, inks.ground), (0.26, inks.c)]
    found = "".join(_circle(0, 0, r * share, _fill(colour)) for share, colour in rings)
    scale = f'<g id="s">{found}</g>'
    row = "".join(f'<use href="#s" x="{_n(r * 2 * at)}"/>' for at in range(across + 1))
    rows = [f'<use href="#r" x="{_n(-r * (at % 2))}" y="{_n(at * r / 2)}"/>' for at in range(int(h / r * 2) + 3)]
    return f'<defs>{scale}<g id="r">{row}</g></defs>{"".join(rows)}'


def constellation(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Stars over a chart's circles, some of them joined to a figure."""
    found = [_circle(w * 0.5, h * 0.5, max(w, h) * share, _stroke(inks.b, 0.7)) for share in (0.2, 0.36, 0.52)]
    dust = "".join(f"M{_n(dice.between(0, w))} {_n(dice.between(0, h))}h0" for _ in range(46))
    found.append(_path(dust, f'{_stroke(inks.c, 1.6)} stroke-linecap="round" opacity=".7"'))
    points = sorted((dice.between(w * 0.1, w * 0.9), dice.between(h * 0.14, h * 0.86)) for _ in range(7))
    line = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
    found.append(_path(line, _stroke(inks.a, 1)))
    found += [_path(_star(x, y, dice.between(5, 10)), _fill(inks.a)) for x, y in points]
    x, y = points[dice.number(7)][0], dice.between(h * 0.2, h * 0.8)
    found.append(_circle(x, y, 11, _fill(inks.b)) + _circle(x, y, 17, _stroke(inks.c, 1)))
    return "".join(found)


def _star(x: float, y: float, r: float) -> str:
    inner = r * 0.18
    return (
        f"M{_n(x)} {_n(y - r)}L{_n(x + inner)} {_n(y - inner)}L{_n(x + r)} {_n(y)}L{_n(x + inner)} {_n(y + inner)}"
        f"L{_n(x)} {_n(y + r)}L{_n(x - inner)} {_n(y + inner)}L{_n(x - r)} {_n(y)}L{_n(x - inner)} {_n(y - inner)}z"
    )


def lattice(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Lozenges with a jewel in each, as on old endpapers."""
    across = max(2, round(w / dice.pick((42, 50, 60))))
    s = w / across
    t = s * dice.pick((1.0, 1.3, 1.6))
    lozenge = f"M{_n(s / 2)} 0L{_n(s)} {_n(t / 2)}L{_n(s / 2)} {_n(t)}L0 {_n(t / 2)}z"
    jewel = _path(_star(s / 2, t / 2, s * 0.3), _fill(inks.a)) + _circle(0, 0, s * 0.12, _fill(inks.c))
    cell = _path(lozenge, _stroke(inks.b, 1.6)) + jewel + _circle(s, 0, s * 0.12, _fill(inks.c))
    cell += _circle(0, t, s * 0.12, _fill(inks.c)) + _circle(s, t, s * 0.12, _fill(inks.c))
    return _tiled(cell, s, t, w, h)


def _tiled(cell: str, s: float, t: float, w: float, h: float) -> str:
    tile = f'<pattern id="t" width="{s:.3f}" height="{t:.3f}" patternUnits="userSpaceOnUse">{cell}</pattern>'
    return f'<defs>{tile}</defs><rect width="{_n(w)}" height="{_n(h)}" fill="url(#t)"/>'


def waves(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """A sea in layers under a low sun."""
    found = [_circle(dice.between(w * 0.25, w * 0.75), h * 0.3, min(w, h) * 0.17, _fill(inks.a))]
    count = 6
    for layer in range(count):
        y = h * (0.34 + 0.66 * layer / count)
        length, swell = w / dice.pick((2, 3, 4)), dice.between(5, 11)
        x = -dice.between(0, length)
        d = f"M{_n(x)} {_n(y)}q{_n(length / 4)} {_n(-swell * 2)} {_n(length / 2)} 0"
        d += f"t{_n(length / 2)} 0" * (int((w - x) / length * 2) + 1)
        shade = (inks.b, inks.ground)[layer % 2]
        found.append(_path(f"{d}V{_n(h)}H{_n(x)}z", f'fill="{shade}" stroke="{inks.c}" stroke-width=".8"'))
    return "".join(found)


def medallion(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """A rosette of petals within rings."""
    r, petals = min(w, h) * 0.44, dice.pick((8, 10, 12, 16))
    reach, fat = r * 0.8, r * dice.between(0.16, 0.26)
    petal = f"M0 0C{_n(fat)} {_n(-reach * 0.35)} {_n(fat)} {_n(-reach * 0.8)} 0 {_n(-reach)}"
    petal += f"C{_n(-fat)} {_n(-reach * 0.8)} {_n(-fat)} {_n(-reach * 0.35)} 0 0z"
    found = [_circle(0, 0, r, _stroke(inks.a, 2)), _circle(0, 0, r * 0.92, _stroke(inks.b, 1))]
    found += [
        f'<path d="{petal}" fill="{inks.b if at % 2 else inks.a}" transform="rotate({_n(360 * at / petals)})"/>'
        for at in range(petals)
    ]
    beads = "".join(
        f"M{_n(r * 0.86 * math.sin(math.tau * (at + 0.5) / petals))} "
        f"{_n(-r * 0.86 * math.cos(math.tau * (at + 0.5) / petals))}h0"
        for at in range(petals)
    )
    found.append(_path(beads, f'{_stroke(inks.c, r * 0.06)} stroke-linecap="round"'))
    found += [_circle(0, 0, r * 0.24, _fill(inks.ground)), _circle(0, 0, r * 0.15, _fill(inks.c))]
    return f'<g transform="translate({_n(w / 2)} {_n(h / 2)})">{"".join(found)}</g>'


def rays(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """A rising sun and its beams."""
    x, y = w / 2, h * dice.pick((0.62, 0.78, 1.0))
    count, reach = dice.pick((20, 26, 32)), math.hypot(w, h)
    found = []
    for at in range(0, count, 2):
        start, end = (math.tau * (at + side) / count for side in (0.0, 1.0))
        corners = [(x + reach * math.cos(angle), y + reach * math.sin(angle)) for angle in (start, end)]
        found.append(f"M{_n(x)} {_n(y)}L" + "L".join(f"{_n(px)} {_n(py)}" for px, py in corners) + "z")
    r = min(w, h) * 0.2
    sun = _circle(x, y, r * 1.32, _fill(inks.ground)) + _circle(x, y, r, _fill(inks.a))
    return _path("".join(found), _fill(inks.b)) + sun + _circle(x, y, r * 1.16, _stroke(inks.c, 1))


def hills(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Ridges behind one another, a moon above."""
    mx, r = dice.between(w * 0.2, w * 0.8), min(w, h) * dice.between(0.1, 0.17)
    found = [_circle(mx, h * 0.26, r, _fill(inks.c)), _circle(mx, h * 0.26, r + 7, _stroke(inks.c, 0.7))]
    for layer, shade in enumerate((inks.b, inks.a, inks.b, inks.ground)):
        y = h * (0.48 + 0.15 * layer)
        d, x = f"M0 {_n(y)}", 0.0
        while x < w:
            step, rise = dice.between(w * 0.26, w * 0.5), dice.between(-h * 0.2, h * 0.1)
            d += f"q{_n(step / 2)} {_n(rise)} {_n(step)} {_n(dice.between(-h * 0.04, h * 0.04))}"
            x += step
        found.append(_path(f"{d}V{_n(h)}H0z", f'fill="{shade}" opacity="{(0.45, 0.9, 0.8, 0.95)[layer]}"'))
    return "".join(found)


def quarters(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Quarter discs turned about at random."""
    across = max(1, round(w / dice.pick((48, 60, 75))))
    s = w / across
    inked = {inks.a: "", inks.b: "", inks.c: ""}
    for row in range(math.ceil(h / s)):
        for column in range(across):
            x, y = column * s, row * s
            corner = dice.number(4)
            cx, cy = x + s * (corner in (1, 2)), y + s * (corner in (2, 3))
            dx, dy = (1 if cx == x else -1) * s, (1 if cy == y else -1) * s
            sweep = int((dx > 0) == (dy > 0))
            colour = dice.pick((inks.a, inks.b, inks.b, inks.b, inks.c))
            inked[colour] += f"M{_n(cx)} {_n(cy)}h{_n(dx)}a{_n(s)} {_n(s)} 0 0 {sweep} {_n(-dx)} {_n(dy)}z"
    return "".join(_path(d, _fill(colour)) for colour, d in inked.items() if d)


def spines(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """A shelf of books."""
    shelves = 1 if h < w * 0.5 else 2 if h < w * 1.1 else 3
    deep, inked, letters = h / shelves, {inks.a: "", inks.b: "", inks.c: ""}, ""
    for shelf in range(shelves):
        floor, x = deep * (shelf + 1) - 7, 8.0
        inked[inks.c] += f"M0 {_n(floor)}h{_n(w)}v4h{_n(-w)}z"
        while x < w - 14:
            thick, tall = dice.pick((10, 13, 17, 22)), deep * dice.between(0.5, 0.8)
            inked[dice.pick((inks.a, inks.b, inks.b, inks.c))] += (
                f"M{_n(x)} {_n(floor)}v{_n(-tall)}h{thick}v{_n(tall)}z"
            )
            letters += f"M{_n(x)} {_n(floor - tall * 0.82)}h{thick}"
            x += thick + dice.pick((1.5, 1.5, 1.5, 12))
    return "".join(_path(d, _fill(colour)) for colour, d in inked.items()) + _path(letters, _stroke(inks.ground, 2))


def sprigs(dice: Dice, w: float, h: float, inks: Inks) -> str:
    """Leaves in pairs on upright stems."""
    across = max(1, round(w / dice.pick((58, 74, 96))))
    s, found = w / across, []
    leaf = s * 0.4
    step, lean = leaf * 0.62, leaf * 0.7
    d = ""
    for pair in range(int(h / step) + 2):
        y = h - pair * step
        for side in (1, -1):
            d += f"M0 {_n(y)}q{_n(side * leaf * 0.2)} {_n(-lean)} {_n(side * leaf)} {_n(-lean)}"
            d += f"q{_n(-side * leaf * 0.25)} {_n(lean * 0.95)} {_n(-side * leaf)} {_n(lean)}z"
    for stem in range(across):
        x, shade = s * (stem + 0.5), (inks.b, inks.a)[stem % 2]
        found.append(f'<use href="#l" x="{_n(x)}" y="{_n(-step / 2 * (stem % 2))}" fill="{shade}" stroke="{shade}"/>')
    sprig = f'<g id="l"><path d="M0 -20V{_n(h + 40)}" stroke-width="1.4"/><path d="{d}" stroke="none"/></g>'
    return f"<defs>{sprig}</defs>{''.join(found)}"


PATTERNS: dict[str, Pattern] = {
    "bands": bands, "arcs": arcs, "scallops": scallops, "constellation": constellation, "lattice": lattice,
    "waves": waves, "medallion": medallion, "rays": rays, "hills": hills, "quarters": quarters, "spines": spines,
    "sprigs": sprigs,
}  # fmt: skip
