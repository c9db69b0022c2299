"""What a program returns: 0, or why it failed. Its error record holds (index, axis, size, site) for INDEX_ERROR, (steps, bytes a step, 0, site) for
TAPE_TOO_LARGE, (row, 0, 0, site) for NOT_A_MATRIX; a site is the number of an equation. Imports nothing."""

INDEX_ERROR, OUT_OF_MEMORY, TAPE_TOO_LARGE, NOT_A_MATRIX, INTERRUPTED = 1, 2, 3, 4, 5
