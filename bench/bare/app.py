"""Serves the bare page as ours are served: the same settings, garbage collection off the way, nothing held back."""

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from lib.ui.process import send_at_once


@asynccontextmanager
async def serving(_app: Any) -> AsyncIterator[dict[str, Any]]:
    """From start to stop."""
    send_at_once(asyncio.get_running_loop())
    gc.collect()
    gc.freeze()
    yield {}


app = st.App(Path(__file__).parent / "page.py", lifespan=serving)
