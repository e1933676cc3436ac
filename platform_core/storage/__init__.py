"""Published folders: written whole or not at all, verified when read, local or remote through fsspec."""
