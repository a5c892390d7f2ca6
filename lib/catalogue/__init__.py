"""What the library has: titles, copies, sections, genres, tags, authors, covers; and how it is found."""
