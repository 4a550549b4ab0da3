"""The curation wing: from sources and claims to frozen releases. Maintainers and CI use it; readers never do."""
