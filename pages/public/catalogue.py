"""The catalogue: search, narrow, order, leaf through; everything stands in the address."""

import streamlit as st

from lib.catalogue.search import search
from lib.circulation.availability import availability
from lib.ui.doorway import enter, reading
from lib.ui.field_search import field_search
from lib.ui.linked import open_link, show_linked
from lib.ui.search_address import address_of, query_of
from lib.ui.search_box import search_box
from lib.ui.search_results import names_of, results_html

enter()
st.title("Catalogue", anchor=False)
query = query_of({name: st.query_params.get_all(name) for name in st.query_params})
if (text := search_box(query.text)) is not None:
    open_link(address_of(query, text=text))
if (changes := field_search(query)) is not None:
    open_link(address_of(query, **changes))
with reading() as uow:
    result = search(uow, query)
    places = availability(uow, [card.id for card in result.cards])
    names, today = names_of(uow, query), uow.today
show_linked(results_html(query, result, places, names, today), "results")
