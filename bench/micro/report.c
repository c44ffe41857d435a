/* SPDX-License-Identifier: BSD-3-Clause */
#include "report.h"

#include <jansson.h>
#include <string.h>

#include "base/xalloc.h"
#include "clock.h"

struct report {
	json_t *about, *rows, *refused;
};

struct report *report_new(void)
{
	struct report *r = xcalloc(1, sizeof(*r));

	r->about = json_object();
	r->rows = json_array();
	r->refused = json_array();
	return r;
}

void report_about(struct report *r, const struct measure_opts *o, const struct point *pt, int cpu)
{
	json_object_set_new(r->about, "cpu", cpu < 0 ? json_null() : json_integer(cpu));
	json_object_set_new(r->about, "reps", json_integer(o->reps));
	json_object_set_new(r->about, "burst", json_integer(pt->burst));
	json_object_set_new(r->about, "per_flow", json_integer(pt->per_flow));
	json_object_set_new(r->about, "tsc_ghz", json_real(clock_info.ticks_per_ns));
	json_object_set_new(r->about, "timer_ticks", json_integer((json_int_t)clock_info.overhead));
}

static json_t *row_named(const struct bench_case *bc, const struct point *pt, const char *impl)
{
	json_t *row = json_object();

	json_object_set_new(row, "bench", json_string(bc->bench));
	json_object_set_new(row, "case", json_string(bc->name));
	json_object_set_new(row, "impl", json_string(impl));
	json_object_set_new(row, "flows", json_integer(pt->n_flows));
	json_object_set_new(row, "seg", json_integer(pt->seg));
	return row;
}

static json_t *stats_json(const struct stats *s, double scale)
{
	json_t *j = json_object();

	json_object_set_new(j, "median", json_real(s->median * scale));
	json_object_set_new(j, "min", json_real(s->min * scale));
	json_object_set_new(j, "max", json_real(s->max * scale));
	json_object_set_new(j, "n", json_integer(s->n));
	return j;
}

void report_contest(struct report *r, const struct bench_case *bc, const struct point *pt,
	const struct contest *c, const struct stats *stats)
{
	for (unsigned int i = 0; i < c->n_impls; i++) {
		json_t *row = row_named(bc, pt, c->impl[i].name);
		const double ns = stats[i].median / clock_info.ticks_per_ns;

		json_object_set_new(
			row, "ns_per_pkt", stats_json(&stats[i], 1 / clock_info.ticks_per_ns));
		json_object_set_new(row, "cycles_per_pkt", stats_json(&stats[i], 1));
		json_object_set_new(row, "gbps", json_real(ns > 0 ? c->unit_bytes * 8 / ns : 0));
		json_object_set_new(row, "pkts_round", json_integer(c->n_units));
		if (c->impl[i].check)
			json_object_set_new(row, "pkts_out", json_integer(c->impl[i].n_out));
		json_object_set_new(row, "working_set", json_integer((json_int_t)c->working_set));
		json_array_append_new(r->rows, row);
	}
}

void report_refused(struct report *r, const struct bench_case *bc, const struct point *pt,
	const char *impl, const char *why)
{
	json_t *row = row_named(bc, pt, impl);

	json_object_set_new(row, "why", json_string(why));
	json_array_append_new(r->refused, row);
}

bool report_end(struct report *r, const char *path)
{
	json_t *all = json_object();
	int err;

	json_object_set_new(all, "about", r->about);
	json_object_set_new(all, "rows", r->rows);
	json_object_set_new(all, "refused", r->refused);
	if (!strcmp(path, "-"))
		err = json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	else
		err = json_dump_file(all, path, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
	json_decref(all);
	free(r);
	return !err;
}
