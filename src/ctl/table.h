/* SPDX-License-Identifier: BSD-3-Clause */
/* Aligned text tables. */
#ifndef CVSW_CTL_TABLE_H
#define CVSW_CTL_TABLE_H

#include <stdbool.h>

#define TABLE_COLS 24

struct table {
	const char *heads[TABLE_COLS]; /* in capitals */
	bool right[TABLE_COLS];	       /* numbers */
	unsigned int n_cols;
	char **cells; /* n_cells, row by row */
	unsigned int n_cells;
};

/* Columns are added before cells.  @head must stay valid. */
void table_col(struct table *t, const char *head);
void table_col_right(struct table *t, const char *head);
/* The next cell, row by row. */
void table_cell(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Print and free what it holds. */
void table_print(struct table *t);

#endif
