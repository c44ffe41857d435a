/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswctl stats: counters since start, or rates with --watch. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl/ctl.h"
#include "ctl/table.h"
#include "uapi/ctl.h"

static json_int_t count(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

static const char *word(const json_t *row, const char *key)
{
	const char *s = json_string_value(json_object_get(row, key));

	return s ? s : "-";
}

/* "port tap0", "tunnel t0", "  10.0.0.2" */
static void put_object(struct table *t, const json_t *row)
{
	const char *kind = word(row, "kind");

	if (!strcmp(kind, "remote"))
		table_cell(t, "  remote %s", word(row, "remote"));
	else if (!strcmp(kind, "other"))
		table_cell(t, "other");
	else
		table_cell(t, "%s %s%s", kind, word(row, "name"),
			!strcmp(kind, "port") && !json_is_true(json_object_get(row, "up"))
				? " (down)"
				: "");
}

static void print_drops(const json_t *drops, const json_t *help)
{
	struct table t = { 0 };
	const char *reason;
	json_t *n;

	if (!json_object_size(drops)) {
		puts("\nno drops");
		return;
	}
	putchar('\n');
	table_col(&t, "drop reason");
	table_col_right(&t, "frames");
	table_col(&t, "meaning");
	json_object_foreach((json_t *)(uintptr_t)drops, reason, n) {
		table_cell(&t, "%s", reason);
		table_cell(&t, "%lld", (long long)json_integer_value(n));
		table_cell(&t, "%s", word(help, reason));
	}
	table_print(&t);
}

/* Which object drops what: a line each; a tunnel stands for its remotes. */
static void print_reasons(const json_t *objects)
{
	struct table t = { 0 };

	table_col(&t, "dropped at");
	table_col(&t, "reason");
	table_col_right(&t, "frames");
	for (size_t i = 0; i < json_array_size(objects); i++) {
		json_t *row = json_array_get(objects, i), *n;
		const char *reason;

		if (!strcmp(word(row, "kind"), "remote"))
			continue;
		json_object_foreach(json_object_get(row, "drops_by_reason"), reason, n) {
			put_object(&t, row);
			table_cell(&t, "%s", reason);
			table_cell(&t, "%lld", (long long)json_integer_value(n));
		}
	}
	if (t.n_cells) {
		putchar('\n');
		table_print(&t);
	}
}

static bool has_reassembly(const json_t *objects)
{
	for (size_t i = 0; i < json_array_size(objects); i++)
		if (count(json_array_get(objects, i), "reassembled") ||
			count(json_array_get(objects, i), "timed_out"))
			return true;
	return false;
}

static void print_reassembly(const json_t *objects)
{
	static const char *const keys[] = {
		"reassembled",
		"recovered",
		"timed_out",
		"reassembly_frames",
		"reassembly_bytes",
	};
	static const char *const heads[] = { "reassembled", "recovered", "timed out", "frames now",
		"bytes now" };
	struct table t = { 0 };

	if (!has_reassembly(objects))
		return;
	putchar('\n');
	table_col(&t, "tunnel");
	table_col(&t, "remote");
	for (int k = 0; k < 5; k++)
		table_col_right(&t, heads[k]);
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *row = json_array_get(objects, i);

		if (strcmp(word(row, "kind"), "remote"))
			continue;
		table_cell(&t, "%s", word(row, "name"));
		table_cell(&t, "%s", word(row, "remote"));
		for (int k = 0; k < 5; k++)
			table_cell(&t, "%lld", (long long)count(row, keys[k]));
	}
	table_print(&t);
}

void ctl_print_stats(const json_t *stats, const json_t *help)
{
	static const char *const keys[] = {
		"rx_packets",
		"rx_bytes",
		"rx_wire",
		"tx_packets",
		"tx_bytes",
		"tx_wire",
		"drops",
	};
	static const char *const heads[] = {
		"rx frames",
		"rx bytes",
		"rx wire",
		"tx frames",
		"tx bytes",
		"tx wire",
		"drops",
	};
	const json_t *objects = json_object_get(stats, "objects");
	struct table t = { 0 };

	table_col(&t, "object");
	for (int k = 0; k < 7; k++)
		table_col_right(&t, heads[k]);
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *row = json_array_get(objects, i);

		put_object(&t, row);
		for (int k = 0; k < 7; k++)
			table_cell(&t, "%lld", (long long)count(row, keys[k]));
	}
	table_print(&t);
	print_reassembly(objects);
	print_drops(json_object_get(stats, "drops"), help);
	print_reasons(objects);
}

/* The row of the same object in an older reply, or NULL. */
static const json_t *same_object(const json_t *objects, const json_t *row)
{
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *o = json_array_get(objects, i);

		if (!strcmp(word(o, "kind"), word(row, "kind")) &&
			!strcmp(word(o, "name"), word(row, "name")) &&
			!strcmp(word(o, "remote"), word(row, "remote")))
			return o;
	}
	return NULL;
}

static double rate(const json_t *now, const json_t *before, const char *key, double seconds)
{
	json_int_t d = count(now, key) - count(before, key);

	return d > 0 ? (double)d / seconds : 0;
}

static void print_rates(const json_t *now, const json_t *before)
{
	const json_t *objects = json_object_get(now, "objects");
	double s = (double)(count(now, "time_ns") - count(before, "time_ns")) / 1e9;
	struct table t = { 0 };
	const char *reason;
	json_t *n;

	table_col(&t, "object");
	table_col_right(&t, "rx frames/s");
	table_col_right(&t, "rx Gbit/s");
	table_col_right(&t, "tx frames/s");
	table_col_right(&t, "tx Gbit/s");
	table_col_right(&t, "drops/s");
	for (size_t i = 0; i < json_array_size(objects); i++) {
		const json_t *row = json_array_get(objects, i);
		const json_t *old = same_object(json_object_get(before, "objects"), row);

		if (!old)
			old = row;
		put_object(&t, row);
		table_cell(&t, "%.0f", rate(row, old, "rx_packets", s));
		table_cell(&t, "%.3f", rate(row, old, "rx_bytes", s) * 8 / 1e9);
		table_cell(&t, "%.0f", rate(row, old, "tx_packets", s));
		table_cell(&t, "%.3f", rate(row, old, "tx_bytes", s) * 8 / 1e9);
		table_cell(&t, "%.0f", rate(row, old, "drops", s));
	}
	table_print(&t);
	json_object_foreach(json_object_get(now, "drops"), reason, n) {
		double per_s = rate(
			json_object_get(now, "drops"), json_object_get(before, "drops"), reason, s);

		if (per_s > 0)
			printf("  %s %.0f/s\n", reason, per_s);
	}
}

static void wait_s(double seconds)
{
	struct timespec t = { .tv_sec = (time_t)seconds };

	t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
	while (nanosleep(&t, &t))
		;
}

static json_t *ask(struct ctl *c, const char *name, int *ret)
{
	return ctl_call(c, CTL_STATS_SHOW, name ? json_pack("{s:s}", "name", name) : NULL, ret);
}

/* Until the daemon goes away or somebody presses Ctrl-C. */
static int watch(struct ctl *c, const char *name)
{
	json_t *before, *now;
	int ret;

	before = ask(c, name, &ret);
	while (before) {
		wait_s(c->interval_s);
		now = ask(c, name, &ret);
		if (now && c->json) {
			json_dumpf(now, stdout, JSON_COMPACT);
			putchar('\n');
		} else if (now) {
			fputs(isatty(STDOUT_FILENO) ? "\033[H\033[2J" : "", stdout);
			print_rates(now, before);
		}
		if (fflush(stdout))
			break;
		json_decref(before);
		before = now;
	}
	json_decref(before);
	return ret;
}

int ctl_cmd_stats(struct ctl *c, int argc, char **argv)
{
	const char *name = argc ? argv[0] : NULL;
	json_t *stats, *help;
	int ret;

	if (name && !strcmp(name, "show")) {
		argc--;
		name = argc ? argv[1] : NULL;
	}
	if (argc > 1)
		return ctl_usage("stats takes one port or tunnel at most");
	if (c->watch)
		return watch(c, name);
	stats = ask(c, name, &ret);
	if (!stats)
		return ret;
	if (c->json) {
		ctl_print_json(stats);
		return ret;
	}
	help = ctl_call(c, CTL_DROPS_HELP, NULL, &ret);
	ctl_print_stats(stats, help);
	json_decref(help);
	json_decref(stats);
	return ret;
}
