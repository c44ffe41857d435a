/* SPDX-License-Identifier: BSD-3-Clause */
#include "daemon/caps.h"

#include <errno.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

bool caps_wants_netns(const struct conf *c)
{
	if (c->daemon.netns == CONF_ON)
		return true;
	for (unsigned int i = 0; i < c->n_ports; i++)
		if (c->ports[i].netns)
			return true;
	return false;
}

int caps_check(const struct conf *c, struct conf_err *err)
{
	const struct {
		cap_value_t cap;
		const char *name, *what_for;
		bool wanted;
	} need[] = {
		{ CAP_NET_ADMIN, "CAP_NET_ADMIN", "to make interfaces", true },
		{ CAP_NET_RAW, "CAP_NET_RAW", "for packet sockets", true },
		{ CAP_SYS_ADMIN, "CAP_SYS_ADMIN", "for ports with netns and daemon.netns",
			caps_wants_netns(c) },
	};
	cap_t caps = cap_get_proc();
	int ret = 0;

	for (size_t i = 0; caps && i < sizeof(need) / sizeof(need[0]) && !ret; i++) {
		cap_flag_value_t has = CAP_CLEAR;

		cap_get_flag(caps, need[i].cap, CAP_PERMITTED, &has);
		if (need[i].wanted && has != CAP_SET)
			ret = conf_refuse(err, -EPERM, "",
				"the capability %s is missing (%s); run as root, or give it with "
				"AmbientCapabilities= of systemd or `setcap %s+ep`",
				need[i].name, need[i].what_for,
				i == 2 ? "cap_net_admin,cap_net_raw,cap_sys_admin"
				       : "cap_net_admin,cap_net_raw");
	}
	cap_free(caps);
	return ret;
}

/* What the bounding set lacks cannot come back even through a setuid program. Needs CAP_SETPCAP:
 * else it is left alone. */
static void drop_bounding(const cap_value_t *keep, int n_keep)
{
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++) {
		bool kept = false;

		for (int i = 0; i < n_keep; i++)
			kept |= keep[i] == cap;
		if (!kept && cap_get_bound(cap) == CAP_SET && cap_drop_bound(cap))
			return;
	}
}

int caps_drop(bool netns, struct conf_err *err)
{
	const cap_value_t keep[] = { CAP_NET_ADMIN, CAP_NET_RAW, CAP_SYS_ADMIN };
	int n_keep = netns ? 3 : 2, ret = 0;
	cap_t caps;

	drop_bounding(keep, n_keep);
	cap_reset_ambient();
	caps = cap_init();
	if (!caps || cap_set_flag(caps, CAP_PERMITTED, n_keep, keep, CAP_SET) ||
		cap_set_flag(caps, CAP_EFFECTIVE, n_keep, keep, CAP_SET) || cap_set_proc(caps) ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		ret = conf_refuse(
			err, -errno, "", "capabilities cannot be given up: %s", strerror(errno));
	cap_free(caps);
	return ret;
}
