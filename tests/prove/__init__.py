"""The proof 验证: kills under load, and what must hold afterwards. `make prove`."""
