"""The doors 入口: HTTP and the command line. Thin: they ask, the domain decides."""
