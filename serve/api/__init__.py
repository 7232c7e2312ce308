"""A web service that answers questions about databases: `serve.asker.Asker` over HTTP, for many people at once."""
