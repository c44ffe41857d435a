/* SPDX-License-Identifier: BSD-3-Clause */
#include "ctl/table.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void table_col(struct table *t, const char *head)
{
	t->heads[t->n_cols++] = head;
}

void table_col_right(struct table *t, const char *head)
{
	t->right[t->n_cols] = true;
	table_col(t, head);
}

void table_cell(struct table *t, const char *fmt, ...)
{
	char *cell = NULL;
	va_list ap;

	va_start(ap, fmt);
	xcheck(vasprintf(&cell, fmt, ap) < 0 ? NULL : t);
	va_end(ap);
	t->cells = xreallocarray(t->cells, t->n_cells + 1, sizeof(*t->cells));
	t->cells[t->n_cells++] = cell;
}

static void print_cell(const struct table *t, unsigned int col, const char *text, int width)
{
	bool last = col == t->n_cols - 1;

	if (t->right[col])
		printf("%*s%s", width, text, last ? "\n" : "  ");
	else if (last)
		printf("%s\n", text);
	else
		printf("%-*s  ", width, text);
}

static int col_width(const struct table *t, unsigned int col)
{
	size_t width = strlen(t->heads[col]);

	for (unsigned int i = col; i < t->n_cells; i += t->n_cols)
		if (strlen(t->cells[i]) > width)
			width = strlen(t->cells[i]);
	return (int)width;
}

void table_print(struct table *t)
{
	int width[TABLE_COLS];
	char head[64];

	for (unsigned int col = 0; col < t->n_cols; col++) {
		width[col] = col_width(t, col);
		snprintf(head, sizeof(head), "%s", t->heads[col]);
		for (char *p = head; *p; p++)
			*p = (char)toupper((unsigned char)*p);
		print_cell(t, col, head, width[col]);
	}
	for (unsigned int i = 0; i < t->n_cells; i++) {
		print_cell(t, i % t->n_cols, t->cells[i], width[i % t->n_cols]);
		free(t->cells[i]);
	}
	free(t->cells);
	memset(t, 0, sizeof(*t));
}
