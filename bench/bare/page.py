"""The page that ours are compared with: a heading and a table of 20 rows; with `?rows=0` a heading alone."""

import streamlit as st

st.title("Bare")
if st.query_params.get("rows") != "0":
    st.dataframe({"number": list(range(20)), "name": [f"Name {n}" for n in range(20)], "year": [2000] * 20})
