"""The boundary to aiokafka: client settings, and everything that reaches into its internals."""
