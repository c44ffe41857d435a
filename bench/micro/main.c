/* SPDX-License-Identifier: BSD-3-Clause */
/* bench-micro: the offload engine beside DPDK's and memcpy, in one process.  See bench/micro/run.
 */
#include <errno.h>
#include <fnmatch.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "clock.h"
#include "options.h"
#include "report.h"
#include "tests/lib/eal_test.h"

#define MEMORY_MB   128
#define QUICK_FLOWS 100

struct session {
	const struct options *o;
	struct report *report;
	uint32_t n, n_total; /* cases */
	bool failed;
};

static void point_name(const struct bench_case *bc, const struct point *pt, char *buf, size_t n)
{
	snprintf(buf, n, "%s/%s/%u/%u", bc->bench, bc->name, pt->n_flows, pt->seg);
}

/* It is not measured: what it does is not the work. */
static void refuse(struct session *s, const struct bench_case *bc, const struct point *pt,
	const char *impl, const char *why)
{
	char name[128];

	point_name(bc, pt, name, sizeof(name));
	fprintf(stderr, "bench-micro: %s: %s refused: %s\n", name, impl, why);
	report_refused(s->report, bc, pt, impl, why);
	s->failed |= !strcmp(impl, "cvsw"); /* others may be as they are */
}

static void point_measure(struct session *s, const struct bench_case *bc, const struct point *pt)
{
	struct stats stats[CONTEST_IMPLS];
	struct contest c;
	unsigned int n = 0;

	bc->open(pt, &c);
	for (unsigned int i = 0; i < c.n_impls; i++) {
		const char *why = measure_check(&c.impl[i]);

		if (why)
			refuse(s, bc, pt, c.impl[i].name, why);
		else
			c.impl[n++] = c.impl[i];
	}
	c.n_impls = n;
	measure(&c, &s->o->measure, stats);
	report_contest(s->report, bc, pt, &c, stats);
	c.close(c.job);
	if (!eal_test_pools_full())
		refuse(s, bc, pt, "cvsw", "buffers are missing afterwards");
}

static void point_visit(
	struct session *s, const struct bench_case *bc, const struct point *pt, bool measuring)
{
	char name[128];

	if (s->o->quick && pt->n_flows > QUICK_FLOWS)
		return;
	point_name(bc, pt, name, sizeof(name));
	if (fnmatch(s->o->only, name, 0))
		return;
	if (!measuring) {
		s->n_total++;
		if (s->o->list)
			puts(name);
		return;
	}
	if (s->o->progress)
		fprintf(stderr, "progress %u %u %s\n", s->n, s->n_total, name);
	s->n++;
	point_measure(s, bc, pt);
}

static void visit_all(struct session *s, bool measuring)
{
	for (unsigned int i = 0; i < n_bench_cases; i++) {
		const struct bench_case *bc = &bench_cases[i];
		struct point pt = { .proto = bc->proto ? proto_find(bc->proto) : NULL,
			.flags = bc->flags,
			.burst = s->o->burst,
			.per_flow = s->o->per_flow };

		assert(!bc->proto || pt.proto);
		for (const uint32_t *f = bc->flows; *f; f++) {
			for (const uint32_t *seg = bc->segs; *seg; seg++) {
				pt.n_flows = *f;
				pt.seg = *seg;
				point_visit(s, bc, &pt, measuring);
			}
		}
	}
}

/* After EAL, which has ideas of its own about CPUs. */
static bool pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return true;
	CPU_ZERO(&set);
	CPU_SET((unsigned int)cpu, &set);
	if (!sched_setaffinity(0, sizeof(set), &set))
		return true;
	fprintf(stderr, "bench-micro: --cpu %d: %s\n", cpu, strerror(errno));
	return false;
}

int main(int argc, char **argv)
{
	struct options o;
	struct session s = { .o = &o };
	const struct point *about;
	int err;

	options_parse(&o, argc, argv);
	about = &(struct point){ .burst = o.burst, .per_flow = o.per_flow };
	visit_all(&s, false);
	if (!s.n_total) {
		fprintf(stderr, "bench-micro: --only %s: no such case; see --list\n", o.only);
		return 2;
	}
	if (o.list)
		return 0;
	err = eal_test_start(MEMORY_MB);
	if (err) {
		fprintf(stderr, "bench-micro: EAL does not start: %s\n", strerror(-err));
		return 2;
	}
	if (!pin(o.cpu))
		return 2;
	clock_calibrate();
	s.report = report_new();
	report_about(s.report, &o.measure, about, o.cpu);
	visit_all(&s, true);
	if (!report_end(s.report, o.json)) {
		fprintf(stderr, "bench-micro: %s: cannot be written\n", o.json);
		return 2;
	}
	eal_test_stop();
	return s.failed ? 1 : 0;
}
