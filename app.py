"""The whole library as one ASGI app: `streamlit run app.py`, or `uvicorn app:app`."""

from functools import partial
from pathlib import Path

import streamlit as st

from lib.api.door import api, door_routes
from lib.api.guard import guarded
from lib.ui.doorway import script_failed
from lib.ui.process import found_config, serving
from lib.ui.theme import ASSETS

HERE = Path(__file__).parent
found_config(HERE)

app = st.App(
    HERE / "lib" / "ui" / "entry.py",
    lifespan=partial(serving, later=(api.made,)),
    middleware=guarded(),
    routes=door_routes(ASSETS),
    on_script_error=script_failed,
)

if __name__ == "__main__":
    app.run()
