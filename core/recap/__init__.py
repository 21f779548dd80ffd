"""The recap: a document made of figures (`model`), and one renderer a format."""
