"""Workers 后台: loops that carry what is recorded onwards."""
