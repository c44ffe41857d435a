/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswctl: what its files share. */
#ifndef CVSW_CTL_CTL_H
#define CVSW_CTL_CTL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* Exit codes, as cvswctl(8) documents them. */
enum {
	CTL_EXIT_OK = 0,
	CTL_EXIT_REFUSED = 1,	  /* the daemon said no */
	CTL_EXIT_USAGE = 2,	  /* the command line is wrong */
	CTL_EXIT_UNREACHABLE = 3, /* no daemon answers */
};

struct ctl {
	const char *socket; /* path */
	bool json;	    /* print results as they come */
	bool watch;
	double interval_s; /* of --watch */
	int fd;		   /* connected socket, or -1 */
};

/*
 * Call @method with @params (reference taken; NULL: none).  Returns the result (new reference), or
 * NULL with *exit_code set and the reason printed.
 */
json_t *ctl_call(struct ctl *c, const char *method, json_t *params, int *exit_code);
void ctl_disconnect(struct ctl *c);

/* Say what is wrong with the command line; returns CTL_EXIT_USAGE. */
int ctl_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* Print @result (reference taken) as JSON. */
void ctl_print_json(json_t *result);

/* Commands: @argv begins behind the object's name.  They return the exit code. */
int ctl_cmd_config_kind(struct ctl *c, const char *kind, int argc, char **argv);
int ctl_cmd_fdb(struct ctl *c, int argc, char **argv);
int ctl_cmd_stats(struct ctl *c, int argc, char **argv);
int ctl_cmd_show(struct ctl *c, int argc, char **argv);
int ctl_cmd_config(struct ctl *c, int argc, char **argv);
int ctl_cmd_drops(struct ctl *c, int argc, char **argv);

/* Help of one command ("port", or "port add" with @verb). */
void ctl_help_kind(const char *kind, const char *verb);

/* Tables of configuration objects: only columns that say something. */
void ctl_print_objects(const char *kind, const json_t *list);
/* One object, a line a setting. */
void ctl_print_object(const char *kind, const json_t *obj);
void ctl_print_stats(const json_t *stats, const json_t *help);

#endif
