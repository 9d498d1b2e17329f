"""The register of all Dutch primary schools, as DUO publishes it: read, compared, loaded. Pure Python, no Django."""
