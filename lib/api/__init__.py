"""The HTTP door: the guard before every request, the small routes (sign-in, files, health), and the REST API."""
