"""The domain 领域: pure decisions, the fold of tasks, the law as data. No clock, no I/O."""
