"""The screens' door: entry script, gate, navigation, words, sign-in, theme, and the parts that pages are made of."""
