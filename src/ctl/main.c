/* SPDX-License-Identifier: BSD-3-Clause */
/* cvswctl: options and which command. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/ctl.h"
#include "uapi/ctl.h"

static const char help_all[] =
	"Usage: cvswctl [OPTION]... COMMAND\n"
	"Control a running cvswd.\n\n"
	"  bridge|port|tunnel add NAME [key=value]...\n"
	"  bridge|port|tunnel set NAME key=value...\n"
	"  bridge|port|tunnel del NAME...\n"
	"  bridge|port|tunnel show [NAME]\n"
	"  fdb show [bridge=NAME]\n"
	"  fdb add bridge=NAME mac=ADDRESS port=NAME [remote=ADDRESS]\n"
	"  fdb del bridge=NAME mac=ADDRESS\n"
	"  fdb flush [bridge=NAME] [port=NAME]\n"
	"  stats [NAME] [--watch [SECONDS]]\n"
	"  show                     everything on one page\n"
	"  drops                    what the drop reasons mean\n"
	"  config show              the running configuration as YAML\n"
	"  config save [FILE]       write it to the daemon's own file, or to FILE\n"
	"  config reload            read the daemon's file again\n\n"
	"      --json          print results for programs\n"
	"      --socket PATH   control socket (default $CVSW_SOCKET or " CTL_SOCKET_PATH ")\n"
	"      --version       show the version\n"
	"  -h, --help          show this help; behind a command: that command's\n\n"
	"Exit code: 0 done, 1 refused by the daemon, 2 wrong command line, 3 no daemon answers.\n";

static const char help_fdb[] =
	"Usage: cvswctl fdb show [bridge=NAME]\n"
	"       cvswctl fdb add bridge=NAME mac=ADDRESS port=NAME [remote=ADDRESS]\n"
	"       cvswctl fdb del bridge=NAME mac=ADDRESS\n"
	"       cvswctl fdb flush [bridge=NAME] [port=NAME]\n\n"
	"The forwarding data base: which address is behind which port, or which remote of a "
	"tunnel.\n"
	"`add` makes a static entry, which neither ages nor moves; `flush` forgets learned ones.\n";

static const char help_stats[] =
	"Usage: cvswctl stats [NAME] [--watch [SECONDS]]\n\n"
	"Counters since start of every port, tunnel and remote, and of every drop reason.\n"
	"With --watch: frames, Gbit and drops per second, again every SECONDS (default 1).\n"
	"Frames are counted as guests see them; `wire` counts segments or packets outside.\n";

static const char help_config[] =
	"Usage: cvswctl config show|save [FILE]|reload\n\n"
	"show prints the running configuration, save writes it to the file that cvswd was started\n"
	"with (or to FILE, with your own rights), reload reads that file and applies what "
	"differs.\n";

struct command {
	const char *name, *help; /* NULL: made from the field tables */
	int (*run)(struct ctl *c, int argc, char **argv);
};

static const struct command commands[] = {
	{ "bridge", NULL, NULL },
	{ "port", NULL, NULL },
	{ "tunnel", NULL, NULL },
	{ "fdb", help_fdb, ctl_cmd_fdb },
	{ "stats", help_stats, ctl_cmd_stats },
	{ "show", "Usage: cvswctl show\n\nEverything on one page.\n", ctl_cmd_show },
	{ "config", help_config, ctl_cmd_config },
	{ "drops", "Usage: cvswctl drops\n\nWhat the drop reasons mean.\n", ctl_cmd_drops },
	{ NULL, NULL, NULL },
};

/* What is left of the command line behind the options. */
struct words {
	char *v[256];
	int n;
	bool help, version;
};

/* --watch, --watch=2, --watch 2.  Returns the new index, or -1. */
static int parse_watch(struct ctl *c, int i, int argc, char **argv)
{
	const char *text = strchr(argv[i], '=');
	char *end = NULL;

	c->watch = true;
	c->interval_s = 1;
	if (text)
		text++;
	else if (i + 1 < argc && argv[i + 1][0] >= '0' && argv[i + 1][0] <= '9')
		text = argv[++i];
	if (!text)
		return i;
	c->interval_s = strtod(text, &end);
	if (end == text || *end || !(c->interval_s >= 0.1 && c->interval_s <= 3600)) {
		ctl_usage("--watch: '%s' is not valid; 0.1 to 3600 seconds is allowed", text);
		return -1;
	}
	return i;
}

/* Options may stand anywhere. 0, or an exit code. */
static int parse(struct ctl *c, struct words *w, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (!strcmp(a, "--json")) {
			c->json = true;
		} else if (!strcmp(a, "-h") || !strcmp(a, "--help")) {
			w->help = true;
		} else if (!strcmp(a, "--version")) {
			w->version = true;
		} else if (!strncmp(a, "--socket=", 9)) {
			c->socket = a + 9;
		} else if (!strcmp(a, "--socket") && i + 1 < argc) {
			c->socket = argv[++i];
		} else if (!strcmp(a, "--watch") || !strncmp(a, "--watch=", 8)) {
			i = parse_watch(c, i, argc, argv);
			if (i < 0)
				return CTL_EXIT_USAGE;
		} else if (a[0] == '-' && a[1]) {
			return ctl_usage("unknown option '%s', or its value is missing", a);
		} else if (w->n == 256) {
			return ctl_usage("too many arguments");
		} else {
			w->v[w->n++] = argv[i];
		}
	}
	return 0;
}

static const struct command *find_command(const char *name)
{
	for (const struct command *cmd = commands; cmd->name; cmd++)
		if (!strcmp(cmd->name, name))
			return cmd;
	return NULL;
}

static int run(struct ctl *c, const struct words *w)
{
	const struct command *cmd = w->n ? find_command(w->v[0]) : NULL;

	if (w->version) {
		puts("cvswctl " CVSW_VERSION);
		return CTL_EXIT_OK;
	}
	if (w->help && !w->n) {
		fputs(help_all, stdout);
		return CTL_EXIT_OK;
	}
	if (!w->n)
		return ctl_usage("no command is given");
	if (!cmd)
		return ctl_usage("unknown command '%s'", w->v[0]);
	if (w->help && cmd->help)
		fputs(cmd->help, stdout);
	else if (w->help)
		ctl_help_kind(cmd->name, w->n > 1 ? w->v[1] : NULL);
	if (w->help)
		return CTL_EXIT_OK;
	if (c->watch && cmd->run != ctl_cmd_stats)
		return ctl_usage("--watch goes with stats only");
	if (!cmd->run)
		return ctl_cmd_config_kind(c, cmd->name, w->n - 1, (char **)w->v + 1);
	return cmd->run(c, w->n - 1, (char **)w->v + 1);
}

int main(int argc, char **argv)
{
	const char *env = getenv("CVSW_SOCKET");
	struct ctl c = { .socket = env && *env ? env : CTL_SOCKET_PATH, .fd = -1 };
	struct words w = { .n = 0 };
	int ret = parse(&c, &w, argc, argv);

	if (!ret)
		ret = run(&c, &w);
	ctl_disconnect(&c);
	return ret;
}
