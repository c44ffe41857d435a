// SPDX-License-Identifier: GPL-2.0
/*
 * The rtnl kind "sclp": what `ip link add/set/show` says and sees.
 *
 * Values are taken from a message in two steps: conf_read() turns attributes into a struct
 * sclp_conf and refuses those that are wrong by themselves; conf_check() refuses what does not fit
 * together.  Each refusal tells what is wrong and what would be right.  A change begins with the
 * present conf; what the data path reads while it is written is a single word, or cannot change
 * while the device is up.
 */
#include <net/rtnetlink.h>
#include <sclp.h>
#include <sclp_link.h>
#include "addr.h"
#include "dev_priv.h"
#include "fdb.h"

static const struct nla_policy link_policy[IFLA_SCLP_MAX + 1] = {
	[IFLA_SCLP_ID] = { .type = NLA_U32 },
	[IFLA_SCLP_CARRIER] = { .type = NLA_U8 },
	[IFLA_SCLP_DSTPORT] = { .type = NLA_U16 },
	[IFLA_SCLP_UDP_PORT] = { .type = NLA_U16 },
	[IFLA_SCLP_PORT_RANGE] = NLA_POLICY_EXACT_LEN(sizeof(struct sclp_port_range)),
	[IFLA_SCLP_LOCAL] = NLA_POLICY_EXACT_LEN(sizeof(__be32)),
	[IFLA_SCLP_LOCAL6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[IFLA_SCLP_REMOTE] = NLA_POLICY_EXACT_LEN(sizeof(__be32)),
	[IFLA_SCLP_REMOTE6] = NLA_POLICY_EXACT_LEN(sizeof(struct in6_addr)),
	[IFLA_SCLP_LINK] = { .type = NLA_U32 },
	[IFLA_SCLP_TTL] = { .type = NLA_U8 },
	[IFLA_SCLP_TTL_INHERIT] = { .type = NLA_U8 },
	[IFLA_SCLP_TOS] = { .type = NLA_U8 },
	[IFLA_SCLP_DF] = { .type = NLA_U8 },
	[IFLA_SCLP_LABEL] = { .type = NLA_U32 },
	[IFLA_SCLP_AGEING] = { .type = NLA_U32 },
	[IFLA_SCLP_LEARNING] = { .type = NLA_U8 },
	[IFLA_SCLP_LIMIT] = { .type = NLA_U32 },
	[IFLA_SCLP_EXTERNAL] = { .type = NLA_FLAG },
	[IFLA_SCLP_CSUM] = { .type = NLA_U8 },
	[IFLA_SCLP_META] = { .type = NLA_U8 },
};

/* A message being read. */
struct link_req {
	struct nlattr **data;  /* IFLA_SCLP_* */
	struct sclp_conf conf; /* starts as the defaults, or as the device has it */
	struct netlink_ext_ack *extack;
};

#define REFUSE(req, attr, err, msg)                                                                \
	({                                                                                         \
		NL_SET_ERR_MSG_ATTR((req)->extack, (req)->data[attr], msg);                        \
		-(err);                                                                            \
	})

static void conf_set_flag(struct sclp_conf *conf, u32 flag, bool on)
{
	conf->flags = on ? conf->flags | flag : conf->flags & ~flag;
}

static int read_id(struct link_req *r)
{
	if (!r->data[IFLA_SCLP_ID])
		return 0;
	r->conf.vni = nla_get_u32(r->data[IFLA_SCLP_ID]);
	if (r->conf.vni > SCLP_VNI_MAX)
		return REFUSE(r, IFLA_SCLP_ID, ERANGE, "id must be 0 to 16777215");
	return 0;
}

static int read_carrier(struct link_req *r)
{
	if (!r->data[IFLA_SCLP_CARRIER])
		return 0;
	switch (nla_get_u8(r->data[IFLA_SCLP_CARRIER])) {
	case SCLP_LINK_CARRIER_IP:
		r->conf.carrier = SCLP_CARRIER_IP;
		return 0;
	case SCLP_LINK_CARRIER_UDP:
		r->conf.carrier = SCLP_CARRIER_UDP;
		return 0;
	default:
		return REFUSE(r, IFLA_SCLP_CARRIER, EINVAL, "carrier must be 0 (ip) or 1 (udp)");
	}
}

static int read_ports(struct link_req *r)
{
	const struct sclp_port_range *range;

	if (r->data[IFLA_SCLP_DSTPORT])
		r->conf.dstport = nla_get_be16(r->data[IFLA_SCLP_DSTPORT]);
	if (!r->conf.dstport)
		return REFUSE(r, IFLA_SCLP_DSTPORT, ERANGE, "dstport must be 1 to 65535");
	if (r->conf.dstport == htons(SCLP_PORT_GENEVE))
		return REFUSE(r, IFLA_SCLP_DSTPORT, EINVAL,
			"dstport 6081 says that frames hold Geneve; these hold VXLAN (4789)");
	if (r->data[IFLA_SCLP_UDP_PORT])
		r->conf.udp_port = nla_get_be16(r->data[IFLA_SCLP_UDP_PORT]);
	if (!r->conf.udp_port)
		return REFUSE(r, IFLA_SCLP_UDP_PORT, ERANGE, "udpport must be 1 to 65535");
	if (!r->data[IFLA_SCLP_PORT_RANGE])
		return 0;
	range = nla_data(r->data[IFLA_SCLP_PORT_RANGE]);
	r->conf.sport_min = ntohs(range->low);
	r->conf.sport_max = ntohs(range->high);
	if (!r->conf.sport_min || r->conf.sport_min > r->conf.sport_max)
		return REFUSE(r, IFLA_SCLP_PORT_RANGE, EINVAL,
			"srcport must be two ports, 1 to 65535, the lower one first");
	return 0;
}

/* @four, @six: the attributes of either family, of which one may be there. */
static int read_addr(struct link_req *r, int four, int six, struct sclp_addr *to)
{
	int attr = r->data[six] ? six : four;

	if (r->data[four] && r->data[six])
		return REFUSE(
			r, six, EINVAL, "local and remote are one address each, IPv4 or IPv6");
	if (!r->data[attr])
		return 0;
	memset(to, 0, sizeof(*to));
	if (sclp_addr_from_nla(to, r->data[attr]))
		return REFUSE(r, attr, EAFNOSUPPORT, "this kernel runs without IPv6");
	if (!sclp_addr_is_unicast(to))
		return REFUSE(r, attr, EINVAL,
			"local and remote must be unicast addresses; for several remotes use bridge fdb append");
	return 0;
}

static int read_header(struct link_req *r)
{
	if (r->data[IFLA_SCLP_TTL]) {
		r->conf.ttl = nla_get_u8(r->data[IFLA_SCLP_TTL]);
		conf_set_flag(&r->conf, SCLP_F_TTL_INHERIT, false);
	}
	if (r->data[IFLA_SCLP_TTL_INHERIT]) {
		conf_set_flag(
			&r->conf, SCLP_F_TTL_INHERIT, nla_get_u8(r->data[IFLA_SCLP_TTL_INHERIT]));
		if (r->conf.flags & SCLP_F_TTL_INHERIT && r->conf.ttl) {
			if (r->data[IFLA_SCLP_TTL])
				return REFUSE(r, IFLA_SCLP_TTL, EINVAL,
					"ttl is either a number or inherited");
			r->conf.ttl = 0;
		}
	}
	if (r->data[IFLA_SCLP_TOS])
		r->conf.tos = nla_get_u8(r->data[IFLA_SCLP_TOS]);
	if (r->conf.tos != SCLP_TOS_INHERIT && r->conf.tos & 3)
		return REFUSE(r, IFLA_SCLP_TOS, EINVAL,
			"the low two bits of tos are ECN, which always follows the inner packet: use a multiple of 4, or inherit");
	if (r->data[IFLA_SCLP_LABEL])
		r->conf.flowlabel = nla_get_be32(r->data[IFLA_SCLP_LABEL]);
	if (r->conf.flowlabel & ~htonl(0xfffff))
		return REFUSE(r, IFLA_SCLP_LABEL, ERANGE, "flowlabel must be 0 to 0xfffff");
	return 0;
}

static int read_df(struct link_req *r)
{
	static const enum sclp_df df[] = {
		[SCLP_LINK_DF_SET] = SCLP_DF_SET,
		[SCLP_LINK_DF_UNSET] = SCLP_DF_UNSET,
		[SCLP_LINK_DF_INHERIT] = SCLP_DF_INHERIT,
	};
	u8 value;

	if (!r->data[IFLA_SCLP_DF])
		return 0;
	value = nla_get_u8(r->data[IFLA_SCLP_DF]);
	if (value >= ARRAY_SIZE(df))
		return REFUSE(
			r, IFLA_SCLP_DF, EINVAL, "df must be 0 (set), 1 (unset) or 2 (inherit)");
	r->conf.df = df[value];
	return 0;
}

static int read_fdb(struct link_req *r)
{
	if (r->data[IFLA_SCLP_AGEING])
		r->conf.ageing = nla_get_u32(r->data[IFLA_SCLP_AGEING]);
	if (r->conf.ageing > SCLP_AGEING_MAX)
		return REFUSE(
			r, IFLA_SCLP_AGEING, ERANGE, "ageing must be 0 (never) to 1000000 seconds");
	if (r->data[IFLA_SCLP_LEARNING])
		conf_set_flag(&r->conf, SCLP_F_LEARN, nla_get_u8(r->data[IFLA_SCLP_LEARNING]));
	if (r->data[IFLA_SCLP_LIMIT])
		r->conf.addrmax = nla_get_u32(r->data[IFLA_SCLP_LIMIT]);
	return 0;
}

static void read_flags(struct link_req *r)
{
	if (nla_get_flag(r->data[IFLA_SCLP_EXTERNAL]))
		conf_set_flag(&r->conf, SCLP_F_EXTERNAL, true);
	if (r->data[IFLA_SCLP_CSUM])
		conf_set_flag(&r->conf, SCLP_F_NO_CSUM, !nla_get_u8(r->data[IFLA_SCLP_CSUM]));
	if (r->data[IFLA_SCLP_META])
		conf_set_flag(&r->conf, SCLP_F_NO_META, !nla_get_u8(r->data[IFLA_SCLP_META]));
	if (r->data[IFLA_SCLP_LINK])
		r->conf.link = nla_get_u32(r->data[IFLA_SCLP_LINK]);
}

static int conf_read(struct link_req *r)
{
	static int (*const readers[])(struct link_req *) = {
		read_id,
		read_carrier,
		read_ports,
		read_header,
		read_df,
		read_fdb,
	};
	unsigned int i;
	int err;

	for (i = 0; i < ARRAY_SIZE(readers); i++) {
		err = readers[i](r);
		if (err)
			return err;
	}
	read_flags(r);
	err = read_addr(r, IFLA_SCLP_LOCAL, IFLA_SCLP_LOCAL6, &r->conf.local);
	if (err)
		return err;
	return read_addr(r, IFLA_SCLP_REMOTE, IFLA_SCLP_REMOTE6, &r->conf.remote);
}

static void conf_init(struct sclp_conf *conf)
{
	*conf = (struct sclp_conf){
		.carrier = SCLP_CARRIER_IP,
		.dstport = htons(SCLP_PORT_VXLAN),
		.udp_port = htons(SCLP_UDP_PORT),
		.sport_min = SCLP_SPORT_MIN,
		.sport_max = SCLP_SPORT_MAX,
		.tos = SCLP_TOS_INHERIT,
		.df = SCLP_DF_SET,
		.flags = SCLP_F_LEARN,
		.addrmax = SCLP_ADDRMAX,
		.ageing = SCLP_AGEING,
	};
}

static int check_external(struct link_req *r)
{
	if (r->data[IFLA_SCLP_ID])
		return REFUSE(r, IFLA_SCLP_ID, EINVAL,
			"an external device gets the id with each frame: leave out id");
	if (r->conf.remote.family)
		return REFUSE(r, IFLA_SCLP_REMOTE, EINVAL,
			"an external device gets the remote with each frame: leave out remote");
	if (r->conf.local.family)
		return REFUSE(r, IFLA_SCLP_LOCAL, EINVAL,
			"an external device gets the source address with each frame: leave out local");
	conf_set_flag(&r->conf, SCLP_F_LEARN, false);
	return 0;
}

static int check_addrs(struct link_req *r)
{
	const struct sclp_conf *conf = &r->conf;

	if (conf->local.family && conf->remote.family && conf->local.family != conf->remote.family)
		return REFUSE(r, IFLA_SCLP_REMOTE, EAFNOSUPPORT,
			"local and remote must be of one address family");
	if (conf->local.family && sclp_addr_equal(&conf->local, &conf->remote))
		return REFUSE(r, IFLA_SCLP_REMOTE, EINVAL, "local and remote are the same address");
	if (!conf->link &&
		(sclp_addr_is_link_local(&conf->local) || sclp_addr_is_link_local(&conf->remote)))
		return REFUSE(r, IFLA_SCLP_REMOTE6, EINVAL,
			"a link-local address needs dev: the lower device it belongs to");
	return 0;
}

/* @lower: where conf.link is set, its device. */
static int check_lower(struct link_req *r, struct net *net, struct net_device **lower)
{
	*lower = NULL;
	if (!r->conf.link)
		return 0;
	*lower = __dev_get_by_index(net, r->conf.link);
	if (!*lower)
		return REFUSE(r, IFLA_SCLP_LINK, ENODEV,
			"dev: no such device in the namespace of the outer packets");
	return 0;
}

static int conf_check(struct link_req *r)
{
	int err = 0;

	if (r->conf.flags & SCLP_F_EXTERNAL)
		err = check_external(r);
	return err ?: check_addrs(r);
}

static int link_validate(struct nlattr *tb[], struct nlattr *data[], struct netlink_ext_ack *extack)
{
	struct link_req req = { .data = data, .extack = extack };

	if (tb[IFLA_ADDRESS]) {
		if (nla_len(tb[IFLA_ADDRESS]) != ETH_ALEN) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				"address must be a MAC address of 6 bytes");
			return -EINVAL;
		}
		if (!is_valid_ether_addr(nla_data(tb[IFLA_ADDRESS]))) {
			NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_ADDRESS],
				"address must be a unicast MAC address other than zero");
			return -EADDRNOTAVAIL;
		}
	}
	if (!data)
		return 0;
	conf_init(&req.conf);
	return conf_read(&req);
}

/* The lower device goes only after those that stand on it: see dev.c. */
static int link_lower(struct sclp_dev *sd, struct net_device *lower, struct netlink_ext_ack *extack)
{
	int err;

	if (lower == sd->lower)
		return 0;
	if (lower) {
		err = netdev_upper_dev_link(lower, sd->dev, extack);
		if (err)
			return err;
	}
	if (sd->lower)
		netdev_upper_dev_unlink(sd->lower, sd->dev);
	sd->lower = lower;
	sclp_dev_set_headroom(sd, lower);
	return 0;
}

/* Registered by now: what fails after is undone by unregistering. */
static int link_finish(
	struct sclp_dev *sd, struct net_device *lower, struct netlink_ext_ack *extack)
{
	static const struct sclp_addr none;
	int err = link_lower(sd, lower, extack);

	if (err)
		return err;
	if (sd->conf.remote.family)
		err = sclp_fdb_set_default(sd, &none, &sd->conf.remote);
	if (err && sd->lower)
		netdev_upper_dev_unlink(sd->lower, sd->dev);
	return err;
}

static int link_new(struct net *net, struct net_device *dev, struct nlattr *tb[],
	struct nlattr *data[], struct netlink_ext_ack *extack)
{
	static struct nlattr *nothing[IFLA_SCLP_MAX + 1];
	struct link_req req = { .data = data ?: nothing, .extack = extack };
	struct sclp_dev *sd = netdev_priv(dev);
	struct net_device *lower;
	int err;

	conf_init(&req.conf);
	err = conf_read(&req) ?: conf_check(&req) ?: check_lower(&req, net, &lower);
	if (err)
		return err;
	if (!req.data[IFLA_SCLP_ID] && !(req.conf.flags & SCLP_F_EXTERNAL)) {
		NL_SET_ERR_MSG(extack,
			"id is missing: the virtual network's number, 0 to 16777215 (or external)");
		return -EINVAL;
	}
	if (sclp_dev_exists(net, &req.conf)) {
		NL_SET_ERR_MSG(extack,
			"there is an sclp device of this id (or external) and carrier in this namespace: choose another id or carrier");
		return -EEXIST;
	}
	sd->dev = dev;
	sd->net = net;
	sd->conf = req.conf;
	sclp_dev_set_headroom(sd, lower);
	err = register_netdevice(dev);
	if (err)
		return err;
	err = link_finish(sd, lower, extack);
	if (err) {
		unregister_netdevice(dev);
		return err;
	}
	sclp_dev_publish(sd);
	return 0;
}

/* What other devices, sockets or frames under way depend on. */
static int check_fixed(struct link_req *r, const struct sclp_conf *old)
{
	const struct sclp_conf *new = &r->conf;

	if (new->vni != old->vni)
		return REFUSE(r, IFLA_SCLP_ID, EOPNOTSUPP,
			"id cannot change: delete the device and add another");
	if (new->carrier != old->carrier)
		return REFUSE(r, IFLA_SCLP_CARRIER, EOPNOTSUPP,
			"carrier cannot change: delete the device and add another");
	if (new->dstport != old->dstport || new->udp_port != old->udp_port)
		return REFUSE(r, IFLA_SCLP_DSTPORT, EOPNOTSUPP,
			"dstport and udpport cannot change: delete the device and add another");
	if (new->sport_min != old->sport_min || new->sport_max != old->sport_max)
		return REFUSE(r, IFLA_SCLP_PORT_RANGE, EOPNOTSUPP,
			"srcport cannot change: delete the device and add another");
	if ((new->flags ^ old->flags) & SCLP_F_EXTERNAL)
		return REFUSE(r, IFLA_SCLP_EXTERNAL, EOPNOTSUPP,
			"external cannot change: delete the device and add another");
	return 0;
}

static int check_up(struct link_req *r, const struct sclp_dev *sd)
{
	if (!netif_running(sd->dev))
		return 0;
	if (!sclp_addr_equal(&r->conf.local, &sd->conf.local))
		return REFUSE(r, IFLA_SCLP_LOCAL, EBUSY,
			"local can change while the device is down only");
	if (sclp_conf_family(&r->conf) != sclp_conf_family(&sd->conf))
		return REFUSE(r, IFLA_SCLP_REMOTE, EBUSY,
			"with carrier udp, the address family of remote can change while the device is down only");
	if (r->conf.link != sd->conf.link)
		return REFUSE(
			r, IFLA_SCLP_LINK, EBUSY, "dev can change while the device is down only");
	return 0;
}

static void conf_write(struct sclp_dev *sd, const struct sclp_conf *new)
{
	struct sclp_conf *conf = &sd->conf;

	WRITE_ONCE(conf->ttl, new->ttl);
	WRITE_ONCE(conf->tos, new->tos);
	WRITE_ONCE(conf->flowlabel, new->flowlabel);
	WRITE_ONCE(conf->df, new->df);
	sclp_dev_set_flags(sd, new->flags);
	WRITE_ONCE(conf->addrmax, new->addrmax);
	WRITE_ONCE(conf->ageing, new->ageing);
	conf->remote = new->remote; /* only RTNL reads it: frames go by the FDB */
	if (netif_running(sd->dev))
		return;
	conf->local = new->local;
	conf->link = new->link;
}

static int link_change(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
	struct netlink_ext_ack *extack)
{
	struct sclp_dev *sd = netdev_priv(dev);
	struct link_req req = { .data = data, .conf = sd->conf, .extack = extack };
	struct net_device *lower;
	int err;

	if (!data)
		return 0;
	err = conf_read(&req) ?: check_fixed(&req, &sd->conf) ?: conf_check(&req) ?:
	      check_up(&req, sd) ?: check_lower(&req, sd->net, &lower);
	if (err)
		return err;
	/* Only if it is named: an entry that `bridge` took away must not come back by another
	 * change.
	 */
	if (data[IFLA_SCLP_REMOTE] || data[IFLA_SCLP_REMOTE6])
		err = sclp_fdb_set_default(sd, &sd->conf.remote, &req.conf.remote);
	if (err == -ENOSPC)
		NL_SET_ERR_MSG(
			extack, "the forwarding data base is full: see maxaddress of the device");
	if (err)
		return err;
	err = link_lower(sd, lower, extack);
	if (err) {
		sclp_fdb_set_default(sd, &req.conf.remote, &sd->conf.remote);
		return err;
	}
	conf_write(sd, &req.conf);
	sclp_fdb_reset_routes(sd);
	sclp_fdb_age_now(sd);
	return 0;
}

static void link_del(struct net_device *dev, struct list_head *kill)
{
	sclp_dev_queue(netdev_priv(dev), kill);
}

static size_t link_size(const struct net_device *dev)
{
	return 9 * nla_total_size(sizeof(u8)) + 2 * nla_total_size(sizeof(__be16)) +
	       nla_total_size(sizeof(struct sclp_port_range)) +
	       2 * nla_total_size(sizeof(struct in6_addr)) + 5 * nla_total_size(sizeof(u32)) +
	       nla_total_size(0);
}

static int fill_ports(struct sk_buff *skb, const struct sclp_conf *conf)
{
	struct sclp_port_range range = {
		.low = htons(conf->sport_min),
		.high = htons(conf->sport_max),
	};

	return nla_put_be16(skb, IFLA_SCLP_DSTPORT, conf->dstport) ?:
	       nla_put_be16(skb, IFLA_SCLP_UDP_PORT, conf->udp_port) ?:
	       nla_put(skb, IFLA_SCLP_PORT_RANGE, sizeof(range), &range);
}

static int fill_header(struct sk_buff *skb, const struct sclp_conf *conf)
{
	return nla_put_u8(skb, IFLA_SCLP_TTL, conf->ttl) ?:
	       nla_put_u8(skb, IFLA_SCLP_TTL_INHERIT, !!(conf->flags & SCLP_F_TTL_INHERIT)) ?:
	       nla_put_u8(skb, IFLA_SCLP_TOS, conf->tos) ?:
	       nla_put_u8(skb, IFLA_SCLP_DF, conf->df) ?:
	       nla_put_be32(skb, IFLA_SCLP_LABEL, conf->flowlabel) ?:
	       nla_put_u8(skb, IFLA_SCLP_CSUM, !(conf->flags & SCLP_F_NO_CSUM)) ?:
	       nla_put_u8(skb, IFLA_SCLP_META, !(conf->flags & SCLP_F_NO_META));
}

static int fill_fdb(struct sk_buff *skb, const struct sclp_conf *conf)
{
	return nla_put_u32(skb, IFLA_SCLP_AGEING, conf->ageing) ?:
	       nla_put_u8(skb, IFLA_SCLP_LEARNING, !!(conf->flags & SCLP_F_LEARN)) ?:
	       nla_put_u32(skb, IFLA_SCLP_LIMIT, conf->addrmax);
}

static int fill_ends(struct sk_buff *skb, const struct sclp_conf *conf)
{
	int err;

	if (conf->flags & SCLP_F_EXTERNAL)
		err = nla_put_flag(skb, IFLA_SCLP_EXTERNAL);
	else
		err = nla_put_u32(skb, IFLA_SCLP_ID, conf->vni);
	if (!err && conf->link)
		err = nla_put_u32(skb, IFLA_SCLP_LINK, conf->link);
	return err ?: nla_put_u8(skb, IFLA_SCLP_CARRIER, conf->carrier) ?:
	       sclp_addr_to_nla(skb, IFLA_SCLP_LOCAL, IFLA_SCLP_LOCAL6, &conf->local) ?:
	       sclp_addr_to_nla(skb, IFLA_SCLP_REMOTE, IFLA_SCLP_REMOTE6, &conf->remote);
}

static int link_fill(struct sk_buff *skb, const struct net_device *dev)
{
	const struct sclp_conf *conf = &((struct sclp_dev *)netdev_priv(dev))->conf;

	return fill_ends(skb, conf) ?: fill_ports(skb, conf) ?: fill_header(skb, conf) ?:
	       fill_fdb(skb, conf);
}

static struct net *link_net(const struct net_device *dev)
{
	return READ_ONCE(((struct sclp_dev *)netdev_priv(dev))->net);
}

struct rtnl_link_ops sclp_link_ops = {
	.kind = "sclp",
	.priv_size = sizeof(struct sclp_dev),
	.setup = sclp_dev_setup,
	.maxtype = IFLA_SCLP_MAX,
	.policy = link_policy,
	.validate = link_validate,
	.newlink = link_new,
	.changelink = link_change,
	.dellink = link_del,
	.get_size = link_size,
	.fill_info = link_fill,
	.get_link_net = link_net,
};

MODULE_ALIAS_RTNL_LINK("sclp");
