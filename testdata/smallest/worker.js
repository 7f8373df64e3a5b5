// Only there so that the benchmark can open the popup from it.
