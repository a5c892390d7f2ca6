"""Covers for titles that have none: typeset as SVG, in one publisher's manner, right in any script."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from lib.catalogue.cover_lines import LEADING, Setting, fit, is_rtl, is_vertical
from lib.catalogue.cover_patterns import PATTERNS, Dice, Inks

WIDTH, HEIGHT = 300, 450
_SERIF = "'Iowan Old Style','Palatino Linotype',Palatino,Georgia,'Liberation Serif','Noto Serif',serif"
_SIZES = (62, 50, 44, 39, 34, 30, 27, 24, 21, 19, 17, 15)
_SMALL = (17, 15, 13, 12)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_TITLE_PARTS = (
    re.compile(r"^(.{2,}?)\s*[(（]([^()（）]+)[)）]$"),
    re.compile(r"^(.{2,}?)(?:: | [–—] |; or,? )(.+)$"),
)


@dataclass(frozen=True, slots=True)
class Scheme:
    """A binding: cloth, type, ornament, and the inks of its printed field."""

    ground: str
    ink: str
    ornament: str
    field: Inks


SCHEMES: dict[str, Scheme] = {
    "oxblood": Scheme("#6f2530", "#f8efe0", "#e0b15c", Inks("#571b26", "#e0b15c", "#9c404b", "#f1e3cb")),
    "paper": Scheme("#f5ecdc", "#2f2723", "#8c2f39", Inks("#8c2f39", "#e0b15c", "#b4606a", "#f5ecdc")),
    "wood": Scheme("#2f2723", "#f6efe6", "#e0b15c", Inks("#3f342e", "#e0b15c", "#74604f", "#d9c9b2")),
    "brass": Scheme("#dcae56", "#2a1d14", "#6f2530", Inks("#6f2530", "#e9c987", "#96424c", "#f6e9cf")),
    "bottle": Scheme("#2d4a3f", "#f4ecdc", "#dcae56", Inks("#233a32", "#dcae56", "#56796a", "#eadfc8")),
    "ink": Scheme("#263850", "#f4ecdc", "#dcae56", Inks("#1c2b40", "#dcae56", "#53709a", "#e9dfcb")),
    "linen": Scheme("#e6dac3", "#2f2723", "#2d4a3f", Inks("#2d4a3f", "#dcae56", "#5f8573", "#f3ead8")),
    "chart": Scheme("#efe6d6", "#22304a", "#8c2f39", Inks("#263850", "#d99a5b", "#5a779d", "#efe6d6")),
    "clay": Scheme("#9c4a2b", "#fff5e8", "#f2c987", Inks("#7f3a20", "#f0c27b", "#bd704c", "#fbe8cf")),
    "plum": Scheme("#4a2b40", "#f6ebe2", "#d8a65a", Inks("#3a2032", "#d8a65a", "#84566f", "#ecd9cf")),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Cover:
    """What stands on a cover, and the dice that choose how."""

    title: str
    subtitle: str
    author: str
    scheme: Scheme
    pattern: str
    dice: Dice
    mark: str


def typeset_cover(title: str, author: str, *, seed: int | str, kind: str = "book") -> str:
    """A cover of 300 × 450 user units as a whole SVG document under 6 KB, always the same for the same arguments.

    `author` may be empty or name several, joined by semicolons or commas. `kind` is an item kind's code; others
    than books carry a small mark.
    """
    title, author = _printable(title), _printable(author)
    main, subtitle = _parted(title)
    dice = Dice(f"{seed}|{title}")
    scheme = SCHEMES[dice.pick(sorted(SCHEMES))]
    layout = _slip if is_vertical(main) and len(main) <= 14 and dice.number(3) else dice.pick(_LAYOUTS)
    pattern = dice.pick([name for name in sorted(PATTERNS) if name not in _UNFIT.get(layout.__name__, ())])
    body = layout(_Cover(main, subtitle, _named(author), scheme, pattern, dice, kind))
    label = escape(f"{title} · {author}" if author else title, quote=True)[:200]
    cloth = f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{scheme.ground}"/>'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}"'
        f' font-family="{_SERIF}">{cloth}{body}{_BINDING}</svg>'
    )


_BINDING = (
    '<path d="M0 0h9v450H0z" opacity=".16"/><path d="M9 0h1.4v450H9z" fill="#fff" opacity=".14"/>'
    '<path d="M298.6 0h1.4v450h-1.4z" opacity=".12"/>'
)


def _printable(text: str) -> str:
    """Without line breaks and the characters XML forbids."""
    return " ".join(_UNPRINTABLE.sub(" ", text).split())


def _parted(title: str) -> tuple[str, str]:
    """Main title and the rest: after a colon or dash, or in closing brackets."""
    for form in _TITLE_PARTS:
        if found := form.match(title):
            return found.group(1).strip(), found.group(2).strip()
    return title, ""


def _named(author: str) -> str:
    return "\u00a0· ".join(filter(None, (" ".join(name.split()) for name in author.split(";"))))


def _field(cover: _Cover, x: float, y: float, w: float, h: float) -> str:
    inks = cover.scheme.field
    art = PATTERNS[cover.pattern](cover.dice, w, h, inks)
    ground = f'<rect width="{w}" height="{h}" fill="{inks.ground}"/>'
    return f'<svg x="{x}" y="{y}" width="{w}" height="{h}" viewBox="0 0 {w} {h}">{ground}{art}</svg>'


def _text(setting: Setting, x: float, y: float, colour: str, *, anchor: str, more: str = "") -> str:
    """Lines of type; `y` is the top of the first. `anchor` is start (left, or right for RTL), middle or end."""
    rtl = bool(setting.lines) and is_rtl(setting.lines[0])
    base = y + setting.size * 0.86
    lines = "".join(
        f'<tspan x="{x:g}" y="{base + at * setting.size * LEADING:.1f}">{escape(line)}</tspan>'
        for at, line in enumerate(setting.lines)
    )
    way = ' direction="rtl"' if rtl else ""
    return f'<text font-size="{setting.size}" fill="{colour}" text-anchor="{anchor}"{way}{more}>{lines}</text>'


def _box(x: float, y: float, w: float, h: float, fill: str = "none", *, line: str = "none") -> str:
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{w:.0f}" height="{h:.0f}" fill="{fill}" stroke="{line}"/>'


def _tall(setting: Setting) -> float:
    return len(setting.lines) * setting.size * LEADING


def _author(cover: _Cover, wide: float) -> Setting:
    return fit(cover.author, wide=wide * 0.94, high=40, sizes=_SMALL, most=2)


def _stacked(cover: _Cover, x: float, y: float, wide: float, high: float, *, anchor: str) -> tuple[str, float]:
    """Title and subtitle from `y` down, within the box; returns the shapes and where they end."""
    ink = cover.scheme.ink
    under = fit(cover.subtitle, wide=wide, high=54, sizes=(17, 15, 13), most=3)
    title = fit(cover.title, wide=wide, high=high - (_tall(under) + 8 if under.lines else 0), sizes=_SIZES)
    shapes = _text(title, x, y, ink, anchor=anchor)
    y += _tall(title)
    if under.lines:
        shapes += _text(under, x, y + 8, ink, anchor=anchor, more=' font-style="italic" opacity=".86"')
        y += 8 + _tall(under)
    return shapes, y


def _ornament(cover: _Cover, x: float, y: float, colour: str) -> str:
    """A small sign for what the title is; a star for books."""
    shape = _MARKS.get(cover.mark, _MARKS["book"])
    return f'<g transform="translate({x:g} {y:g})" fill="{colour}" stroke="{colour}">{shape}</g>'


_MARKS = {
    "book": '<path d="M0-8L1.6-1.6 8 0 1.6 1.6 0 8-1.6 1.6-8 0-1.6-1.6z" stroke="none"/>',
    "ebook": '<path d="M-5-8H5V8H-5zM-1.5 5.6h3" fill="none" stroke-width="1.4"/>',
    "audiobook": '<path d="M-7 4V1a7 7 0 0 1 14 0v3" fill="none"/><path d="M-8 2h3v6h-3zM5 2h3v6H5z"/>',
    "film": '<path d="M-4-6L7 0-4 6z" stroke="none"/>',
    "music": '<path d="M-2 5V-7l7-1.500V3" fill="none"/><circle cx="-4" cy="5" r="2"/><circle cx="3" cy="3" r="2"/>',
    "map": '<path d="M0-8C6-8 6-2 0 8-6-2-6-8 0-8z" fill="none" stroke-width="1.4"/><circle cy="-3.500" r="1.4"/>',
    "magazine": '<path d="M-7-6h14M-7-2h14M-7 2h14M-7 6h9" fill="none" stroke-width="1.4"/>',
    "game": '<path d="M-6-6H6V6H-6z" fill="none"/><path d="M-3-3h2v2h-2zM1 1h2v2h-2z"/>',
}  # fmt: skip


def _side(cover: _Cover, left: float, right: float) -> float:
    return right if is_rtl(cover.title) else left


def _author_side(cover: _Cover, left: float, right: float) -> tuple[float, str]:
    """Authors stand on the title's side, whatever their own script."""
    if is_rtl(cover.title) == is_rtl(cover.author):
        return _side(cover, left, right), "start"
    return _side(cover, left, right), "end"


def _window(cover: _Cover) -> str:
    """The field above, title and author beneath it."""
    x = _side(cover, 28, WIDTH - 24)
    shapes, _ = _stacked(cover, x, 262, 246, 122, anchor="start")
    by = _author(cover, 216)
    ax, anchor = _author_side(cover, 28, WIDTH - 24)
    line = f'<path d="M0 238h300v3H0z" fill="{cover.scheme.ornament}"/>'
    mark = _ornament(cover, _side(cover, WIDTH - 32, 36), 420, cover.scheme.ornament)
    author = _text(by, ax, 428 - _tall(by), cover.scheme.ink, anchor=anchor)
    return _field(cover, 0, 0, WIDTH, 238) + line + shapes + author + mark


def _footing(cover: _Cover) -> str:
    """Title and author on top, the field at the foot."""
    x = _side(cover, 28, WIDTH - 24)
    by = _author(cover, 246)
    ax, anchor = _author_side(cover, 28, WIDTH - 24)
    author = _text(by, ax, 28, cover.scheme.ornament, anchor=anchor)
    y = 28 + _tall(by) + 10 if by.lines else 32
    shapes, _ = _stacked(cover, x, y, 246, 206 - y, anchor="start")
    line = f'<path d="M0 222h300v3H0z" fill="{cover.scheme.ornament}"/>'
    return author + shapes + _field(cover, 0, 225, WIDTH, 225) + line


def _label(cover: _Cover) -> str:
    """The field all over, a pasted label in the upper middle."""
    wide, mid = 214, WIDTH / 2 + 3
    by = _author(cover, wide - 36)
    plain = replace(cover, scheme=Scheme("#f8f1e3", "#2f2723", "#8c2f39", cover.scheme.field))
    shapes, end = _stacked(plain, mid, 0, wide - 36, 176, anchor="middle")
    high = end + _tall(by) + (76 if by.lines else 60)
    top = max(46.0, 176 - high / 2)
    paper, ink, mark = plain.scheme.ground, plain.scheme.ink, plain.scheme.ornament
    box = _box(mid - wide / 2, top, wide, high, paper) + _box(
        mid - wide / 2 + 6, top + 6, wide - 12, high - 12, line=mark
    )
    body = f'<g transform="translate(0 {top + 24:.0f})">{shapes}</g>' + _ornament(cover, mid, top + end + 40, mark)
    return _field(cover, 0, 0, WIDTH, HEIGHT) + box + body + _text(by, mid, top + end + 56, ink, anchor="middle")


def _frame(cover: _Cover) -> str:
    """A ruled frame, the title above, a picture in the middle, the author at the foot."""
    mid, line = WIDTH / 2 + 3, cover.scheme.ornament
    rules = _box(22, 16, 262, 418, line=line) + _box(26, 20, 254, 410, line=line)
    shapes, end = _stacked(cover, mid, 44, 216, 150, anchor="middle")
    by = _author(cover, 210)
    foot = 410 - _tall(by)
    side = min(176.0, foot - 24 - end - 22)
    art = ""
    if side > 60:
        x, y = mid - side / 2, end + 22 + (foot - 24 - end - 22 - side) / 2
        art = _field(cover, round(x), round(y), round(side), round(side))
        art += _box(x - 4, y - 4, side + 8, side + 8, line=line)
    return rules + shapes + art + _text(by, mid, foot, cover.scheme.ink, anchor="middle")


def _column(cover: _Cover) -> str:
    """The field as a broad strip along one side, type on the other."""
    rtl = is_rtl(cover.title)
    strip = (WIDTH - 96) if rtl else 0
    x = _side(cover, 116, WIDTH - 116)
    shapes, end = _stacked(cover, x, 40, 162, 290, anchor="start")
    rule = (
        f'<path d="M{x:g} {end + 18:.0f}h{-44 if rtl else 44}v2h{44 if rtl else -44}z" fill="{cover.scheme.ornament}"/>'
    )
    by = fit(cover.author, wide=150, high=76, sizes=_SMALL, most=4)
    ax, anchor = _author_side(cover, 116, WIDTH - 116)
    author = _text(by, ax, 418 - _tall(by), cover.scheme.ink, anchor=anchor)
    line = f'<path d="M{strip - 3 if rtl else 96} 0h3v450h-3z" fill="{cover.scheme.ornament}"/>'
    return _field(cover, strip, 0, 96, HEIGHT) + line + shapes + rule + author


def _slip(cover: _Cover) -> str:
    """A paper slip with the title from top to bottom, as on Chinese and Japanese bindings; the author on a seal."""
    inks, size = cover.scheme.field, min(40, int(300 / len(cover.title)))
    tall, wide = max(len(cover.title) * size * 1.06 + 52, 170), size + 30
    x, y = WIDTH - 34 - wide, 34
    slip = _box(x, y, wide, tall, "#f8f1e3") + _box(x + 5, y + 5, wide - 10, tall - 10, line="#8c2f39")
    title = _downward(cover.title, x + wide / 2, y + tall / 2, size, "#2f2723")
    return _field(cover, 0, 0, WIDTH, HEIGHT) + slip + title + _seal(cover.author, inks)


def _seal(author: str, inks: Inks) -> str:
    foot = HEIGHT - 34
    if is_vertical(author) and len(author) <= 12:
        high = len(author) * 18 + 30
        down = _downward(author, 51, foot - high / 2, 16, inks.c)
        return _box(34, foot - high, 34, high, inks.ground, line=inks.c) + down
    by = fit(author, wide=150, high=40, sizes=_SMALL, most=2)
    high = round(_tall(by)) + 20
    across = _text(by, 117, foot + 10 - high, inks.c, anchor="middle")
    return _box(28, foot - high, 178, high, inks.ground) + across if author else ""


def _downward(text: str, x: float, y: float, size: int, colour: str) -> str:
    way = f'writing-mode="vertical-rl" text-anchor="middle" letter-spacing="{size * 0.06:.1f}"'
    return f'<text x="{x:g}" y="{y:.0f}" font-size="{size}" fill="{colour}" {way}>{escape(text)}</text>'


# Pictures that a label or a slip would cover, or a narrow strip would cut.
_UNFIT = {
    "_label": ("medallion", "constellation", "spines"),
    "_slip": ("medallion", "constellation", "spines", "quarters"),
    "_column": ("medallion", "constellation", "hills", "rays", "waves"),
}
_LAYOUTS: tuple[Callable[[_Cover], str], ...] = (_window, _footing, _label, _frame, _column)
