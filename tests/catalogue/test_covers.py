"""Covers: pictures are known by content, bounded and drawn anew; whoever has none gets one typeset."""

import contextlib
import io
import random
import struct
import zlib
from collections.abc import Callable

import pytest
from PIL import Image
from sqlalchemy import text

from lib.access.actor import GUEST
from lib.access.installation import Installation
from lib.access.work import begin_reading, begin_work
from lib.catalogue.covers import cover_mark, cover_of, remove_cover, set_cover
from lib.catalogue.errors import BadImage
from lib.catalogue.pictures import kept_picture
from lib.catalogue.queries import cards, title
from lib.catalogue.titles import TitleForm, edit_title
from lib.kit.errors import Forbidden, NotFound
from tests.builders import a_librarian, a_member, a_title


def a_picture(kind: str = "PNG", size: tuple[int, int] = (200, 300), mode: str = "RGB", **given: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert(mode).save(out, kind, **given)
    return out.getvalue()


def _png(width: int, height: int, data: bytes) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data, 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"#!/bin/sh\nrm -rf /\n", "not a JPEG"),  # a script named cover.png
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a JPEG"),
        (b"GIF89a" + b"\x00" * 50, "not a JPEG"),
        (b"%PDF-1.7", "not a JPEG"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "not a JPEG"),
        (b"\x89PNG\r\n\x1a\n", "damaged"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "damaged"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "damaged"),
        (a_picture()[:-2000], "damaged"),
        (a_picture("JPEG")[:1200], "damaged"),
        (a_picture("WEBP")[:400], "damaged"),
        (a_picture(size=(39, 300)), "only 39"),
        (_png(8_000, 6_000, b"\x00" * 8_001 * 6_000), "million pixels"),  # whole, and Pillow would decode it
        (_png(30_000, 30_000, b"\x00" * 10_000), "million pixels"),
        (_png(2**31 - 1, 2**31 - 1, b""), "million pixels"),
        (b"\xff\xd8\xff" + b"\x00" * (10 * 1024 * 1024), "larger than"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(BadImage) as refusal:
        kept_picture(content)
    assert why in str(refusal.value)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    import tracemalloc

    bomb = _png(50_000, 50_000, b"\x00" * 50_001 * 400)
    assert len(bomb) < 100_000
    tracemalloc.start()
    with pytest.raises(BadImage):
        kept_picture(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (a_picture("JPEG"), "image/jpeg"),
        (a_picture("PNG"), "image/jpeg"),
        (a_picture("PNG", mode="RGBA"), "image/png"),
        (a_picture("WEBP"), "image/jpeg"),
        (a_picture("PNG", mode="L"), "image/jpeg"),
        (a_picture("JPEG", mode="CMYK"), "image/jpeg"),
        (a_picture("PNG", mode="P"), "image/jpeg"),
        (a_picture("JPEG", size=(3000, 4000)), "image/jpeg"),
    ],
)
def test_a_picture_is_kept_bounded_and_without_what_it_carried(content: bytes, media_type: str) -> None:
    kept = kept_picture(content + b"<?php evil() ?>")
    assert kept.media_type == media_type
    assert b"evil" not in kept.content
    with Image.open(io.BytesIO(kept.content)) as image:
        assert image.size == (kept.width, kept.height)
        assert image.width <= 900
        assert image.height <= 1350
        assert not image.getexif()


@pytest.mark.filterwarnings("ignore::Warning")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_no_broken_file_upsets_the_decoder(kind: str) -> None:
    dice = random.Random(7)
    whole = a_picture(kind, size=(60, 60))
    for _ in range(150):
        broken = bytearray(whole)
        for _ in range(dice.randint(1, 12)):
            broken[dice.randrange(min(len(broken), 400))] = dice.randrange(256)
        with contextlib.suppress(BadImage):
            kept_picture(bytes(broken))


def test_a_photo_taken_sideways_is_put_upright_and_forgets_where_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010E] = "at home"
    kept = kept_picture(a_picture("JPEG", size=(300, 200), exif=exif))
    assert (kept.width, kept.height) == (200, 300)
    assert b"at home" not in kept.content


def test_a_title_without_a_picture_has_a_typeset_cover(library: Installation) -> None:
    title_id = a_title(library, "海辺のカフカ")
    with begin_reading(library, GUEST) as uow:
        found = cover_of(uow, title_id)
        assert found is not None
        assert found[1] == "image/svg+xml"
        assert found[0].startswith(b"<svg")
        assert cover_of(uow, 999) is None


def test_an_uploaded_cover_is_shown_until_it_is_taken_away(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    with begin_reading(library, GUEST) as uow:
        before = cover_mark(uow, title_id)
    with begin_work(library, actor) as uow:
        set_cover(uow, title_id, a_picture("WEBP"))
        set_cover(uow, title_id, a_picture("JPEG"))
    with begin_reading(library, GUEST) as uow:
        found = cover_of(uow, title_id)
        assert found is not None
        assert found[1] == "image/jpeg"
        assert cards(uow, [title_id])[title_id].has_cover
        assert title(uow, title_id).has_cover
        mark = cover_mark(uow, title_id)
        row = uow.connection.execute(text("SELECT size FROM stored_file WHERE sha256 = :mark"), {"mark": mark}).one()
        assert row[0] == len(found[0])
    assert mark != before
    assert library.files.get(str(mark)) == found[0]
    with begin_work(library, actor) as uow:
        remove_cover(uow, title_id)
        remove_cover(uow, title_id)
    with begin_reading(library, GUEST) as uow:
        assert cover_mark(uow, title_id) == before


def test_a_lost_file_falls_back_to_the_typeset_cover(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library)
    with begin_work(library, actor) as uow:
        set_cover(uow, title_id, a_picture())
        mark = cover_mark(uow, title_id)
    library.files.path(str(mark)).unlink()
    with begin_reading(library, GUEST) as uow:
        found = cover_of(uow, title_id)
    assert found is not None
    assert found[1] == "image/svg+xml"


def test_a_refused_picture_changes_nothing_and_an_upload_disturbs_no_open_form(library: Installation) -> None:
    actor, title_id = a_librarian(library), a_title(library, "One")
    with begin_work(library, actor) as uow:
        with pytest.raises(BadImage):
            set_cover(uow, title_id, b"#!/bin/sh")
        assert not title(uow, title_id).has_cover
        set_cover(uow, title_id, a_picture())
        edit_title(uow, title_id, TitleForm(title="Two"), seen_version=1)
        assert title(uow, title_id).has_cover


def test_only_cataloguers_set_covers_and_archived_ones_are_theirs_alone(library: Installation) -> None:
    title_id = a_title(library, archived_at=library.clock.now())
    acts: list[Callable[..., object]] = [lambda uow: set_cover(uow, title_id, a_picture()),
                                         lambda uow: remove_cover(uow, title_id)]  # fmt: skip
    with begin_work(library, a_member(library)) as uow:
        assert cover_of(uow, title_id) is None
        assert cover_mark(uow, title_id) is None
        for act in acts:
            with pytest.raises(Forbidden):
                act(uow)
    with begin_work(library, a_librarian(library)) as uow:
        assert cover_of(uow, title_id) is not None
        with pytest.raises(NotFound):
            set_cover(uow, 999, a_picture())
