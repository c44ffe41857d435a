/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Merge conditions behind every stack of headers: packets that would merge, but for one field of
 * one of them.  They must leave apart, in order, and byte for byte as they came; and what may
 * differ must not keep them apart.  Each row is run for all kinds of frames that have the field,
 * with the odd packet as first, second and third of its train (the third is compared with a
 * forecast), and again behind a train of the same flow that has left (which GRO remembers): what
 * was seen before must change nothing.
 */
#include "wire_test.h"

/* What a kind of frames has. */
#define TUNNEL	 0x0001u
#define VXLAN	 0x0002u
#define GENEVE	 0x0004u
#define GRE	 0x0008u
#define UDP_TUN	 (0x0010u | TUNNEL)
#define KEY	 (0x0020u | GRE)
#define OUT_CSUM 0x0040u
#define OUT_NONE 0x0080u /* a field, but no checksum in it: UDP */
#define OUT4	 (0x0100u | TUNNEL)
#define OUT6	 (0x0200u | TUNNEL)
#define ETHER	 0x0400u
#define IN4	 0x0800u
#define IN6	 0x1000u
#define TCP	 0x2000u
#define UDP	 0x4000u
#define SCTP	 0x8000u
#define SCLP_IP	 0x10000u
#define SCLP_UDP 0x20000u
#define STT	 0x40000u
#define BARE	 0x80000u
#define PLAIN	 0x100000u

/* Which packet of a train is the odd one. */
#define FIRST 1u
#define OTHER 2u
#define ANY   (FIRST | OTHER)
#define ALL   4u /* all are */

/* What is put right again after its bytes were edited. */
enum right {
	SUMS,	    /* all checksums */
	OUTER_SUMS, /* those in front of the inner packet */
	NOTHING,
};

struct cond {
	const char *name;
	uint32_t needs;
	unsigned int where;
	/* xor @bits into the byte @off behind a place of the frame */
	size_t base; /* in struct frame_map; HERE(n): the packet's first byte */
	uint8_t off, bits;
	enum right right;
	void (*edit)(struct frame *f); /* before it is built */
	void (*touch)(struct rte_mbuf *m);
	bool again; /* it is the one before once more */
};

#define AT(field)      offsetof(struct frame_map, field)
#define FROM_THE_START SIZE_MAX
#define BYTE(name, needs, where, base, off, bits)                                                  \
	{                                                                                          \
		name, needs, where, base, off, bits                                                \
	}
#define BYTE_ALONE(name, needs, where, base, off, bits, right)                                     \
	{                                                                                          \
		name, needs, where, base, off, bits, right                                         \
	}
#define EDIT(name, needs, where, edit)                                                             \
	{                                                                                          \
		name, needs, where, 0, 0, 0, SUMS, edit                                            \
	}
#define TOUCH(name, needs, where, touch)                                                           \
	{                                                                                          \
		name, needs, where, 0, 0, 0, SUMS, NULL, touch                                     \
	}

#define AGAIN(name_, needs_)                                                                       \
	{                                                                                          \
		.name = name_, .needs = needs_, .where = OTHER, .again = true                      \
	}

#define DEFINE_EDIT(name, what)                                                                    \
	static void name(struct frame *f)                                                          \
	{                                                                                          \
		what;                                                                              \
	}
DEFINE_EDIT(outer_vlan_added, f->n_outer_vlan++)
DEFINE_EDIT(outer_id_more, f->outer.id++)
DEFINE_EDIT(outer_id_less, f->outer.id -= 2)
DEFINE_EDIT(outer_df_none, f->outer.df = false)
DEFINE_EDIT(outer_options, f->outer.opts = 1)
DEFINE_EDIT(outer_addr, f->outer.addr ^= 1)
DEFINE_EDIT(outer_sport, f->outer_sport ^= 1)
DEFINE_EDIT(outer_csum_other, f->outer_csum = !f->outer_csum)
DEFINE_EDIT(geneve_option_more, f->tun_opts++)
DEFINE_EDIT(gre_key_other, f->gre_key = !f->gre_key)
DEFINE_EDIT(gre_seq, f->gre_seq = true)
DEFINE_EDIT(vlan_added, f->n_vlan++)
DEFINE_EDIT(id_more, f->ip.id++)
DEFINE_EDIT(id_less, f->ip.id -= 2)
DEFINE_EDIT(df_none, f->ip.df = false)
DEFINE_EDIT(options, f->ip.opts = 1)
DEFINE_EDIT(larger, f->plen += f->l4 == FRAME_SCTP ? 100 : 1)
DEFINE_EDIT(smaller, f->plen -= 100)
DEFINE_EDIT(empty, f->plen = 0)
DEFINE_EDIT(seq_more, f->seq++)
DEFINE_EDIT(seq_less, f->seq--)
DEFINE_EDIT(no_csum, f->no_csum = true)
DEFINE_EDIT(tcp_options_more, f->opts++)
DEFINE_EDIT(psh, f->flags |= 0x08)
DEFINE_EDIT(at_more, f->at++)
DEFINE_EDIT(outer_id_fixed, f->outer.id_fixed = true)
DEFINE_EDIT(outer_id_wraps, f->outer.id = 0xffff)
DEFINE_EDIT(id_fixed, f->ip.id_fixed = true)
DEFINE_EDIT(padded, f->pad = 5)

static void other_obj(struct rte_mbuf *m)
{
	pkt_meta(m)->obj = 9;
}

static void other_tos(struct rte_mbuf *m)
{
	pkt_meta(m)->tos = 3;
}

static const struct cond apart[] = {
	TOUCH("object", 0, ANY, other_obj),
	TOUCH("outer_tos_of_metadata", 0, ANY, other_tos),

	/* in front of the tunnel header */
	BYTE("outer_mac_destination", TUNNEL, ANY, FROM_THE_START, 5, 1),
	BYTE("outer_mac_source", TUNNEL, ANY, FROM_THE_START, 11, 1),
	EDIT("outer_vlan_tag", TUNNEL, ANY, outer_vlan_added),
	BYTE("outer_ipv4_dscp", OUT4, ANY, AT(outer_ip), 1, 4),
	BYTE("outer_ipv4_ecn", OUT4, ANY, AT(outer_ip), 1, 3),
	BYTE("outer_ipv4_ttl", OUT4, ANY, AT(outer_ip), 8, 1),
	BYTE("outer_ipv4_df", OUT4, ANY, AT(outer_ip), 6, 0x40),
	BYTE("outer_ipv4_evil_bit", OUT4, ANY, AT(outer_ip), 6, 0x80),
	BYTE("outer_ipv4_more_fragments", OUT4, ANY, AT(outer_ip), 6, 0x20),
	BYTE("outer_ipv4_fragment_offset", OUT4, ANY, AT(outer_ip), 7, 1),
	EDIT("outer_ipv4_id_gap", OUT4, OTHER, outer_id_more),
	EDIT("outer_ipv4_id_back", OUT4, OTHER, outer_id_less),
	EDIT("outer_ipv4_options", OUT4, ANY, outer_options),
	EDIT("outer_ipv4_options_on_all", OUT4, ALL, outer_options),
	EDIT("outer_ipv4_source", OUT4, ANY, outer_addr),
	BYTE("outer_ipv4_destination", OUT4, ANY, AT(outer_ip), 19, 1),
	BYTE_ALONE("outer_ipv4_checksum", OUT4, ANY, AT(outer_ip), 11, 1, NOTHING),
	BYTE("outer_ipv6_traffic_class", OUT6, ANY, AT(outer_ip), 0, 1),
	BYTE("outer_ipv6_ecn", OUT6, ANY, AT(outer_ip), 1, 0x30),
	BYTE("outer_ipv6_flow_label", OUT6, ANY, AT(outer_ip), 3, 1),
	BYTE("outer_ipv6_hop_limit", OUT6, ANY, AT(outer_ip), 7, 1),
	EDIT("outer_ipv6_extension_header", OUT6, ANY, outer_options),
	EDIT("outer_ipv6_source", OUT6, ANY, outer_addr),
	BYTE("outer_ipv6_destination", OUT6, ANY, AT(outer_ip), 39, 1),
	EDIT("outer_udp_source_port", UDP_TUN, ANY, outer_sport),
	BYTE("outer_udp_destination_port", UDP_TUN, ANY, AT(outer_l4), 3, 1),
	BYTE_ALONE("outer_udp_length", UDP_TUN, ANY, AT(outer_l4), 5, 1, NOTHING),
	EDIT("outer_checksum_or_none", TUNNEL, ANY, outer_csum_other),
	BYTE_ALONE(
		"outer_udp_checksum_wrong", UDP_TUN | OUT_CSUM, ANY, AT(outer_l4), 7, 1, NOTHING),

	/* tunnel headers */
	BYTE("vxlan_reserved_byte", VXLAN | TUNNEL, ANY, AT(tun), 1, 1),
	BYTE("vxlan_no_vni", VXLAN | TUNNEL, ANY, AT(tun), 0, 8),
	BYTE("vxlan_vni", VXLAN | TUNNEL, ANY, AT(tun), 6, 1),
	BYTE("vxlan_last_byte", VXLAN | TUNNEL, ANY, AT(tun), 7, 1),
	BYTE("bare_vni", BARE, ANY, AT(tun), 6, 1),
	BYTE("geneve_vni", GENEVE, ANY, AT(tun), 6, 1),
	BYTE("geneve_critical_flag", GENEVE, ANY, AT(tun), 1, 0x40),
	BYTE("geneve_control_flag", GENEVE, ANY, AT(tun), 1, 0x80),
	BYTE("geneve_version", GENEVE, ANY, AT(tun), 0, 0x40),
	BYTE("geneve_option_class", GENEVE, ANY, AT(tun), 9, 1),
	BYTE("geneve_option_value", GENEVE, ANY, AT(tun), 15, 1),
	EDIT("geneve_option_more", GENEVE, ANY, geneve_option_more),
	BYTE("gre_key_low_byte", KEY | OUT_CSUM, ANY, AT(tun), 11, 1),
	BYTE("gre_key_high_byte", KEY | OUT_CSUM, ANY, AT(tun), 8, 1),
	BYTE("gre_key_without_checksum", KEY | OUT_NONE, ANY, AT(tun), 7, 1),
	EDIT("gre_key_or_none", GRE, ANY, gre_key_other),
	EDIT("gre_sequence_number", GRE, ANY, gre_seq),
	EDIT("gre_sequence_number_on_all", GRE, ALL, gre_seq),
	BYTE("gre_version", GRE, ANY, AT(tun), 1, 1),
	BYTE("gre_routing_flag", GRE, ANY, AT(tun), 0, 0x40),
	BYTE("gre_reserved", GRE | OUT_CSUM, ANY, AT(tun), 7, 1),
	BYTE_ALONE("gre_checksum_wrong", GRE | OUT_CSUM, ANY, AT(tun), 5, 1, NOTHING),

	/* the inner packet, behind whatever is in front */
	EDIT("vlan_tag", ETHER, ANY, vlan_added),
	BYTE("ipv4_dscp", IN4, ANY, AT(ip), 1, 4),
	BYTE("ipv4_ecn", IN4, ANY, AT(ip), 1, 3),
	BYTE("ipv4_ttl", IN4, ANY, AT(ip), 8, 1),
	BYTE("ipv4_df", IN4, ANY, AT(ip), 6, 0x40),
	BYTE("ipv4_evil_bit", IN4, ANY, AT(ip), 6, 0x80),
	BYTE("ipv4_more_fragments", IN4, ANY, AT(ip), 6, 0x20),
	BYTE("ipv4_last_fragment", IN4, ANY, AT(ip), 7, 1),
	EDIT("ipv4_id_gap", IN4, OTHER, id_more),
	EDIT("ipv4_id_back", IN4, OTHER, id_less),
	EDIT("ipv4_options", IN4, ANY, options),
	EDIT("ipv4_options_on_all", IN4, ALL, options),
	BYTE("ipv4_source", IN4, ANY, AT(ip), 15, 1),
	BYTE("ipv4_destination", IN4, ANY, AT(ip), 19, 1),
	BYTE_ALONE("ipv4_checksum", IN4, ANY, AT(ip), 11, 1, OUTER_SUMS),
	BYTE("ipv6_traffic_class", IN6, ANY, AT(ip), 0, 1),
	BYTE("ipv6_ecn", IN6, ANY, AT(ip), 1, 0x30),
	BYTE("ipv6_flow_label", IN6, ANY, AT(ip), 3, 1),
	BYTE("ipv6_hop_limit", IN6, ANY, AT(ip), 7, 1),
	EDIT("ipv6_extension_header", IN6, ANY, options),
	BYTE("ipv6_source", IN6, ANY, AT(ip), 23, 1),
	BYTE("ipv6_destination", IN6, ANY, AT(ip), 39, 1),
	EDIT("padding_that_outer_udp_counts", UDP_TUN, ANY, padded),
	EDIT("padding_that_outer_udp_counts_on_all", UDP_TUN, ALL, padded),
	EDIT("larger_than_the_first", 0, OTHER, larger),
	EDIT("no_payload", TCP, ANY, empty),
	EDIT("no_payload_udp", UDP, ANY, empty),

	BYTE("tcp_source_port", TCP, ANY, AT(l4), 1, 1),
	BYTE("tcp_destination_port", TCP, ANY, AT(l4), 3, 1),
	EDIT("tcp_seq_gap", TCP, OTHER, seq_more),
	EDIT("tcp_seq_overlap", TCP, OTHER, seq_less),
	AGAIN("tcp_sent_again", TCP),
	BYTE("tcp_ack", TCP, ANY, AT(l4), 11, 1),
	BYTE("tcp_window", TCP, ANY, AT(l4), 15, 1),
	BYTE("tcp_reserved_bits", TCP, ANY, AT(l4), 12, 2),
	BYTE("tcp_flag_cwr", TCP, ANY, AT(l4), 13, 0x80),
	BYTE("tcp_flag_ece", TCP, ANY, AT(l4), 13, 0x40),
	BYTE("tcp_flag_urg", TCP, ANY, AT(l4), 13, 0x20),
	BYTE("tcp_flag_ack", TCP, ANY, AT(l4), 13, 0x10),
	BYTE("tcp_flag_psh_first", TCP, FIRST, AT(l4), 13, 0x08),
	BYTE("tcp_flag_rst", TCP, ANY, AT(l4), 13, 0x04),
	BYTE("tcp_flag_syn", TCP, ANY, AT(l4), 13, 0x02),
	BYTE("tcp_flag_fin_first", TCP, FIRST, AT(l4), 13, 0x01),
	BYTE("tcp_urgent_pointer", TCP, ANY, AT(l4), 19, 1),
	BYTE("tcp_timestamp", TCP, ANY, AT(l4), 27, 1),
	EDIT("tcp_options_longer", TCP, ANY, tcp_options_more),
	BYTE_ALONE("tcp_checksum_wrong", TCP, ANY, AT(l4), 17, 1, OUTER_SUMS),
	BYTE_ALONE("tcp_payload_damaged", TCP, ANY, AT(pay), 3, 1, OUTER_SUMS),

	BYTE("udp_source_port", UDP, ANY, AT(l4), 1, 1),
	BYTE("udp_destination_port", UDP, ANY, AT(l4), 3, 1),
	BYTE_ALONE("udp_length", UDP, ANY, AT(l4), 5, 1, OUTER_SUMS),
	EDIT("udp_checksum_none", UDP, ANY, no_csum),
	EDIT("udp_checksum_none_on_all", UDP, ALL, no_csum),
	BYTE_ALONE("udp_checksum_wrong", UDP, ANY, AT(l4), 7, 1, OUTER_SUMS),
	BYTE_ALONE("udp_payload_damaged", UDP, ANY, AT(pay), 3, 1, OUTER_SUMS),

	BYTE("sctp_source_port", SCTP, ANY, AT(l4), 1, 1),
	BYTE("sctp_destination_port", SCTP, ANY, AT(l4), 3, 1),
	BYTE("sctp_verification_tag", SCTP, ANY, AT(l4), 7, 1),
	EDIT("sctp_tsn_gap", SCTP, OTHER, seq_more),
	EDIT("sctp_tsn_overlap", SCTP, OTHER, seq_less),
	AGAIN("sctp_sent_again", SCTP),
	BYTE("sctp_tsn_inside_the_packet", SCTP, ANY, AT(pay), 107, 1),
	BYTE("sctp_control_chunk_first", SCTP, ANY, AT(pay), 0, 3),
	BYTE("sctp_control_chunk_behind_data", SCTP, ANY, AT(pay), 100, 3),
	BYTE("sctp_chunk_length_0", SCTP, ANY, AT(pay), 3, 100),
	BYTE("sctp_chunk_longer_than_the_packet", SCTP, ANY, AT(pay), 102, 1),
	BYTE_ALONE("sctp_crc_wrong", SCTP, ANY, AT(l4), 8, 1, OUTER_SUMS),
	BYTE_ALONE("sctp_payload_damaged", SCTP, ANY, AT(pay), 50, 1, OUTER_SUMS),
	EDIT("sctp_first_not_full", SCTP, FIRST, smaller),

	BYTE("sclp_source_port", SCLP_IP, ANY, AT(l4), 1, 1),
	BYTE("sclp_destination_port", SCLP_IP, ANY, AT(l4), 3, 1),
	BYTE("sclp_id", SCLP_IP, ANY, AT(l4), 7, 2),
	BYTE("sclp_id_high_byte", SCLP_IP, ANY, AT(l4), 4, 1),
	BYTE("sclp_first_flag_not_on_the_first", SCLP_IP, OTHER, AT(l4), 7, 1),
	AGAIN("sclp_sent_again", SCLP_IP),
	BYTE("sclp_remaining", SCLP_IP, ANY, AT(l4), 9, 1),
	EDIT("sclp_checksum_none", SCLP_IP, ANY, no_csum),
	EDIT("sclp_checksum_none_on_all", SCLP_IP, ALL, no_csum),
	BYTE_ALONE("sclp_checksum_wrong", SCLP_IP, ANY, AT(l4), 11, 1, NOTHING),
	BYTE_ALONE("sclp_payload_damaged", SCLP_IP, ANY, AT(pay), 3, 1, NOTHING),

	BYTE("carrier_source_port", SCLP_UDP, ANY, AT(l4), 1, 1),
	BYTE("carrier_destination_port", SCLP_UDP, ANY, AT(l4), 3, 1),
	BYTE_ALONE("carrier_length", SCLP_UDP, ANY, AT(l4), 5, 1, NOTHING),
	EDIT("carrier_checksum_none", SCLP_UDP, ANY, no_csum),
	EDIT("carrier_checksum_none_on_all", SCLP_UDP, ALL, no_csum),
	BYTE_ALONE("carrier_checksum_wrong", SCLP_UDP, ANY, AT(l4), 7, 1, NOTHING),
	BYTE("carried_sclp_source_port", SCLP_UDP, ANY, AT(l4), 9, 1),
	BYTE("carried_sclp_destination_port", SCLP_UDP, ANY, AT(l4), 11, 1),
	BYTE("carried_sclp_id", SCLP_UDP, ANY, AT(l4), 15, 2),
	BYTE("carried_sclp_first_flag_not_on_the_first", SCLP_UDP, OTHER, AT(l4), 15, 1),
	AGAIN("carried_sclp_sent_again", SCLP_UDP),
	BYTE("carried_sclp_remaining", SCLP_UDP, ANY, AT(l4), 17, 1),
	BYTE("carried_sclp_checksum", SCLP_UDP, ANY, AT(l4), 19, 1),
	BYTE("carried_sclp_checksum_on_all", SCLP_UDP, ALL, AT(l4), 19, 1),

	BYTE("stt_source_port", STT, ANY, AT(l4), 1, 1),
	BYTE("stt_destination_port", STT, ANY, AT(l4), 3, 1),
	BYTE("stt_frame_length", STT, ANY, AT(l4), 5, 1),
	BYTE("stt_frame_shorter_than_the_segment", STT, ANY, AT(l4), 4, 0xea),
	BYTE("stt_frame_shorter_than_the_segment_on_all", STT, ALL, AT(l4), 4, 0xea),
	EDIT("stt_offset_gap", STT, OTHER, at_more),
	AGAIN("stt_sent_again", STT),
	BYTE("stt_frame_id", STT, ANY, AT(l4), 11, 1),
	BYTE("stt_header_length", STT, ANY, AT(l4), 12, 0x10),
	BYTE("stt_window", STT, ANY, AT(l4), 15, 1),
	BYTE("stt_flag_urg", STT, ANY, AT(l4), 13, 0x20),
	BYTE("stt_flag_cwr", STT, ANY, AT(l4), 13, 0x80),
	BYTE("stt_flag_fin", STT, ANY, AT(l4), 13, 0x01),
	BYTE("stt_flag_fin_on_all", STT, ALL, AT(l4), 13, 0x01),
	BYTE("stt_flag_psh_first", STT, FIRST, AT(l4), 13, 0x08),
	BYTE("stt_flag_ack", STT, ANY, AT(l4), 13, 0x10),
	BYTE("stt_urgent_pointer", STT, ANY, AT(l4), 19, 1),
	BYTE_ALONE("stt_checksum_wrong", STT, ANY, AT(l4), 17, 1, NOTHING),
	BYTE_ALONE("stt_payload_damaged", STT, ANY, AT(pay), 3, 1, NOTHING),
};

/* ---- what may differ, or be so in all ---- */

static const struct cond together[] = {
	EDIT("outer_ipv4_id_constant_with_df", OUT4, ALL, outer_id_fixed),
	EDIT("outer_ipv4_id_wraps", OUT4, ALL, outer_id_wraps),
	EDIT("outer_ipv4_id_counts_without_df", OUT4, ALL, outer_df_none),
	BYTE("outer_ipv4_ce_on_all", OUT4, ALL, AT(outer_ip), 1, 3),
	BYTE("outer_ipv6_ce_on_all", OUT6, ALL, AT(outer_ip), 1, 0x30),
	EDIT("outer_ipv6_extension_header_on_all", OUT6, ALL, outer_options),
	EDIT("outer_vlan_tag_on_all", TUNNEL, ALL, outer_vlan_added),
	EDIT("ipv4_id_constant_with_df", IN4, ALL, id_fixed),
	EDIT("ipv4_id_counts_without_df", IN4, ALL, df_none),
	EDIT("ipv6_extension_header_on_all", IN6, ALL, options),
	EDIT("padding_in_gre_behind_the_first", GRE, FIRST, padded),
	EDIT("padding_in_gre_behind_the_last", GRE, OTHER, padded),
	EDIT("padding_in_gre_behind_all", GRE, ALL, padded),
	EDIT("padding_of_a_plain_frame", PLAIN, OTHER, padded),
	EDIT("smaller_last", 0, OTHER, smaller),
	EDIT("tcp_push_last", TCP, OTHER, psh),
	EDIT("stt_push_last", STT, OTHER, psh),
	BYTE("tcp_fin_last", TCP, OTHER, AT(l4), 13, 0x01),
	BYTE("sctp_other_stream", SCTP, OTHER, AT(pay), 9, 1),
	BYTE("sctp_other_chunk_flags", SCTP, OTHER, AT(pay), 1, 4),
	BYTE("sctp_other_payload_protocol", SCTP, OTHER, AT(pay), 15, 1),
	BYTE("sclp_no_first_segment", SCLP_IP, FIRST, AT(l4), 7, 1),
	BYTE("geneve_vni_0", GENEVE, ALL, AT(tun), 6, 77),
};

/* ---- kinds of frames ---- */

struct kind {
	struct frame f;
	uint32_t has;
};

static const uint32_t tun_has[FRAME_N_TUN] = {
	[FRAME_PLAIN] = PLAIN | ETHER,
	[FRAME_BARE] = BARE | ETHER,
	[FRAME_VXLAN] = VXLAN | UDP_TUN | ETHER,
	[FRAME_GENEVE] = GENEVE | UDP_TUN | ETHER,
	[FRAME_GENEVE_IP] = GENEVE | UDP_TUN,
	[FRAME_GRE] = GRE | TUNNEL | ETHER,
	[FRAME_GRE_IP] = GRE | TUNNEL,
};
static const uint32_t l4_has[FRAME_N_L4] = { TCP, UDP, SCTP, SCLP_IP, SCLP_UDP, STT };

/* Kind number @i of all that can be put together; false: cannot be. */
static bool kind_make(unsigned int i, struct kind *k)
{
	static const struct frame_ip ip = { .df = true, .ttl = 64, .addr = 1, .id = 1000 };
	struct frame *f = &k->f;

	*f = (struct frame){ .ip = ip,
		.outer = ip,
		.sport = 1000,
		.outer_sport = 50000,
		.seq = 0xffffff00,
		.key = 77,
		.opts = 3,
		.flags = 0x10,
		.plen = 200,
		.chunk = 84,
		.tun_opts = 2,
		.frame_len = 60000 };
	f->tun = i % FRAME_N_TUN;
	i /= FRAME_N_TUN;
	f->l4 = i % FRAME_N_L4;
	i /= FRAME_N_L4;
	f->ip.v6 = i & 1;
	f->outer.v6 = i & 2;
	f->outer_csum = i & 4;
	f->gre_key = i & 8;
	f->outer.id = 500;
	k->has = tun_has[f->tun] | l4_has[f->l4] | (f->ip.v6 ? IN6 : IN4);
	if (!(k->has & TUNNEL))
		return i < 2 && (f->tun == FRAME_PLAIN || f->l4 < FRAME_SCLP);
	if (f->l4 >= FRAME_SCLP || (f->gre_key && !(k->has & GRE)))
		return false;
	k->has |= (f->outer.v6 ? OUT6 : OUT4) | (f->outer_csum ? OUT_CSUM : OUT_NONE);
	k->has |= f->gre_key ? KEY : 0;
	return true;
}

#define N_KINDS (FRAME_N_TUN * FRAME_N_L4 * 16)

/* ---- trains ---- */

/* How the packets' checksums are known. */
enum claim {
	AS_IT_COMES,
	GOOD_IS_KNOWN,
	OWED,
};

struct run {
	const struct kind *kind;
	const struct cond *c;
	enum claim claim;
	bool flat; /* whole in one segment, as a forecast wants it; else in any shape */
	bool merges;
	struct frame last, next;
	struct gro *gro;
	struct pkt_list out;
	struct rnd rnd;
};

static void edit_bytes(
	const struct cond *c, const struct frame *f, uint8_t *b, const struct frame_map *at)
{
	const uint32_t base = c->base == FROM_THE_START
				      ? 0
				      : *(const uint32_t *)((const char *)at + c->base);

	b[base + c->off] ^= c->bits;
	if (c->right == SUMS)
		frame_sum(f, b, at);
	else if (c->right == OUTER_SUMS)
		frame_sum_outer(f, b, at);
}

static void claim(const struct run *r, struct rte_mbuf *m, const uint8_t *b)
{
	struct pkt_meta *md = pkt_meta(m);

	if (md->inner.l4 == PKT_L4_NONE)
		return;
	/* what is owed must be known from the headers, if a tunnel's checksum is to be judged: it
	 * is not with a CRC, nor with padding */
	if (r->claim == OWED &&
		!(md->tun_hlen && (r->kind->has & SCTP || md->inner.end_off < md->outer.end_off)))
		frame_owe(m);
	if (r->claim == GOOD_IS_KNOWN && frame_csum_good(b, &md->inner))
		md->inner.csum = PKT_CSUM_VERIFIED;
}

/* The next packet of the flow, the odd one or like the others. */
static void arrive(struct run *r, bool odd)
{
	static uint8_t b[GEN_MAX];
	const struct cond *c = r->c;
	const bool again = odd && c->again;
	struct frame f = again ? r->last : r->next;
	struct frame_map at;
	struct rte_mbuf *m;

	if (odd && c->edit && c->where != ALL)
		c->edit(&f);
	frame_build(&f, b, &at);
	if (odd && c->bits)
		edit_bytes(c, &f, b, &at);
	m = wire_of_bytes(
		&f, b, &at, r->flat ? CHAIN_FLAT : rnd_below(&r->rnd, CHAIN_N_SHAPES), &r->rnd);
	if (odd && c->touch)
		c->touch(m);
	book_add(b, at.n, pkt_meta(m));
	claim(r, m, b);
	gro_receive(r->gro, m, GRO_ALL, 1, &r->out);
	if (again)
		return;
	r->last = r->next;
	frame_next(&r->next);
}

/* Until they leave, @n packets, of which number @odd is the odd one; they must be as many as the
 * row says. */
static void train(struct run *r, unsigned int n, unsigned int odd)
{
	const bool all = r->c->where == ALL;
	unsigned int n_out = 1;

	for (unsigned int i = 0; i < n; i++)
		arrive(r, all || i == odd);
	gro_flush(r->gro, &r->out);
	if (!r->merges && (all || odd < n))
		n_out = all ? n : 2;
	if (r->out.n_pkts != n_out)
		fail_msg("%s: tunnel %u, l4 %u, has %x, number %u of %u, claim %u: %u packets left",
			r->c->name, r->kind->f.tun, r->kind->f.l4, r->kind->has, odd, n, r->claim,
			r->out.n_pkts);
	wire_leave(&r->out);
	book_close();
}

/* How a row is run. */
static const struct way {
	bool seen_before;
	bool flat;
	enum claim claim;
} ways[] = {
	{ false, false, AS_IT_COMES },
	{ false, true, GOOD_IS_KNOWN },
	{ true, true, AS_IT_COMES },
	{ true, true, GOOD_IS_KNOWN },
	{ true, true, OWED },
};

static void run(const struct run *like, const struct way *way, unsigned int odd, unsigned int n)
{
	const struct cond *c = like->c;
	struct run r = *like;

	snprintf(must_about, sizeof(must_about), "(%s)", c->name);
	r.claim = way->claim;
	r.flat = way->flat;
	r.next = r.kind->f;
	if (c->edit && c->where == ALL)
		c->edit(&r.next);
	rnd_seed(&r.rnd, odd);
	pkt_list_init(&r.out);
	book_open();
	r.gro = gro_create(8);
	if (way->seen_before)
		train(&r, 4, UINT32_MAX);
	train(&r, n, odd);
	gro_destroy(r.gro);
	assert_true(eal_test_pools_full());
}

/* The kind @k with the odd packet everywhere it may be. */
static void run_places(const struct kind *k, const struct cond *c, bool merges)
{
	const struct run r = { .kind = k, .c = c, .merges = merges };

	for (size_t i = 0; i < RTE_DIM(ways); i++) {
		if (c->where & (FIRST | ALL))
			run(&r, &ways[i], 0, 2);
		if (c->where & (OTHER | ALL)) {
			run(&r, &ways[i], 1, 2);
			run(&r, &ways[i], 2, 3);
		}
	}
}

static void run_rows(const struct cond *rows, size_t n_rows, bool merges)
{
	for (size_t i = 0; i < n_rows; i++) {
		unsigned int n_kinds = 0;

		for (unsigned int j = 0; j < N_KINDS; j++) {
			struct kind k;

			if (!kind_make(j, &k) || (rows[i].needs & ~k.has))
				continue;
			run_places(&k, &rows[i], merges);
			n_kinds++;
		}
		print_message("%s: %u kinds of frames\n", rows[i].name, n_kinds);
		assert_true(n_kinds > 0);
	}
}

static void test_apart(void **state)
{
	(void)state;
	run_rows(apart, RTE_DIM(apart), false);
}

static void test_together(void **state)
{
	(void)state;
	run_rows(together, RTE_DIM(together), true);
}

/* ---- a checksum of 0 written as 0xffff, which is as good ---- */

/* Packet number @odd of @n has one: it stays apart, since we would write 0 again. */
static void run_other_zero(const struct kind *k, bool in_gre, unsigned int odd, unsigned int n)
{
	static const struct cond none = { .name = "other_zero" };
	struct run r = { .kind = k, .c = &none, .flat = true, .next = k->f };

	r.next.other_zero = true;
	frame_near_zero(&r.next);
	if (!in_gre)
		r.next.key = k->f.key;
	pkt_list_init(&r.out);
	book_open();
	r.gro = gro_create(8);
	train(&r, n, odd);
	gro_destroy(r.gro);
	assert_true(eal_test_pools_full());
}

static void test_other_zero(void **state)
{
	(void)state;
	for (unsigned int j = 0; j < N_KINDS; j++) {
		struct kind k;

		if (!kind_make(j, &k))
			continue;
		if (k.has & IN4)
			run_other_zero(&k, false, 2, 3);
		else if ((k.has & OUT4) == OUT4)
			run_other_zero(&k, false, 3, 4);
		if ((k.has & (KEY | OUT_CSUM)) == (KEY | OUT_CSUM))
			run_other_zero(&k, true, 0, 2);
	}
}

/* ---- SCTP: what cutting would make again ---- */

#define N_SIZES 5

static const struct {
	const char *name;
	uint8_t in[N_SIZES], leave_as[N_SIZES]; /* chunks of each packet */
} sizes[] = {
	{ "sctp_all_full", { 2, 2, 2, 2 }, { 8 } },
	{ "sctp_last_not_full", { 2, 2, 1 }, { 5 } },
	{ "sctp_chunk_would_have_fitted", { 2, 1, 2, 2 }, { 3, 4 } },
	{ "sctp_chunk_would_have_fitted_behind_two", { 3, 3, 2, 1 }, { 8, 1 } },
	{ "sctp_first_smaller", { 1, 2, 2 }, { 1, 4 } },
	{ "sctp_single_chunks", { 1, 1, 1, 1, 1 }, { 5 } },
	{ "sctp_64_chunks_each", { 64, 64 }, { 128 } },
	{ "sctp_65_chunks_stay_apart", { 65, 65 }, { 65, 65 } },
};

static void run_sizes(size_t row, const struct kind *k)
{
	static uint8_t b[GEN_MAX];
	struct gro *g = gro_create(8);
	struct frame f = k->f;
	struct pkt_list out;
	struct rte_mbuf *m;
	struct rnd r;

	rnd_seed(&r, row);
	pkt_list_init(&out);
	book_open();
	f.chunk = 16; /* 32 bytes with its header */
	for (unsigned int i = 0; i < N_SIZES && sizes[row].in[i]; i++) {
		struct frame_map at;

		f.plen = 32u * sizes[row].in[i];
		m = wire_pkt(&f, b, &at, rnd_below(&r, CHAIN_N_SHAPES), &r);
		book_add(b, at.n, pkt_meta(m));
		gro_receive(g, m, GRO_ALL, 1, &out);
		frame_next(&f);
	}
	gro_flush(g, &out);
	m = out.head;
	for (unsigned int i = 0; i < N_SIZES && sizes[row].leave_as[i]; i++) {
		assert_non_null(m);
		assert_int_equal(pkt_meta(m)->inner.end_off - pkt_meta(m)->inner.pay_off,
			32u * sizes[row].leave_as[i]);
		m = pkt_meta(m)->next_pkt;
	}
	assert_null(m);
	wire_leave(&out);
	book_close();
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

static void test_sctp_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < RTE_DIM(sizes); i++) {
		print_message("%s\n", sizes[i].name);
		for (unsigned int j = 0; j < N_KINDS; j++) {
			struct kind k;

			if (kind_make(j, &k) && (k.has & SCTP))
				run_sizes(i, &k);
		}
	}
}

/*
 * A frame of @n_segs equal segments and @rest bytes, and what a sender who means no good sends
 * instead of these and behind its end: the same identification, counters that go on.  The last
 * segment ends the train, whatever was forecast, also where it is the first one to come after a
 * flush.  @whole: a segment of full size comes where only the rest is left of the frame, so that
 * the counter goes on below 0.
 */
static void run_behind_the_end(const struct kind *k, unsigned int n_segs, uint32_t rest, bool whole,
	unsigned int n_before_flush)
{
	static uint8_t b[GEN_MAX];
	struct frame f = k->f;
	struct gro *g = gro_create(8);
	struct frame_map at;
	struct pkt_list out;
	struct rnd rnd;

	snprintf(must_about, sizeof(must_about), "(l4 %u, %u segments and %u%s, flush behind %u)",
		f.l4, n_segs, rest, whole ? " as a whole one" : "", n_before_flush);
	rnd_seed(&rnd, 1);
	pkt_list_init(&out);
	book_open();
	f.frame_len = n_segs * f.plen + rest;
	if (whole) /* 16 bits of it are written */
		f.frame_len += UINT16_MAX + 1u;
	for (unsigned int i = 0; i < n_segs + 3; i++) {
		const uint32_t seq = f.seq, at_next = f.at + f.plen;
		struct rte_mbuf *m = wire_pkt(&f, b, &at, CHAIN_FLAT, &rnd);

		pkt_meta(m)->inner.csum = PKT_CSUM_VERIFIED;
		book_add(b, at.n, pkt_meta(m));
		gro_receive(g, m, GRO_ALL, 1, &out);
		if (i + 1 == n_before_flush)
			gro_flush(g, &out);
		if (i + 1 == n_segs && !rest) /* the frame is whole: nothing of it is held */
			assert_int_equal(
				out.n_pkts, n_before_flush && n_before_flush < n_segs ? 2 : 1);
		frame_next(&f);
		f.seq = seq;
		f.at = at_next;
	}
	gro_flush(g, &out);
	wire_leave(&out);
	book_close();
	gro_destroy(g);
	assert_true(eal_test_pools_full());
}

static void test_nothing_joins_behind_the_end(void **state)
{
	unsigned int n_kinds = 0;

	(void)state;
	for (unsigned int j = 0; j < N_KINDS; j++) {
		struct kind k;

		if (!kind_make(j, &k) || !(k.has & (SCLP_IP | SCLP_UDP | STT)))
			continue;
		for (unsigned int n_segs = 2; n_segs <= 6; n_segs++) {
			for (unsigned int n = 0; n <= n_segs + 1; n++) {
				run_behind_the_end(&k, n_segs, 0, false, n);
				run_behind_the_end(&k, n_segs, 1, false, n);
				run_behind_the_end(&k, n_segs, k.f.plen - 1, false, n);
				run_behind_the_end(&k, n_segs, 1, true, n);
				run_behind_the_end(&k, n_segs, k.f.plen - 1, true, n);
			}
		}
		n_kinds++;
	}
	assert_true(n_kinds > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apart),
		cmocka_unit_test(test_together),
		cmocka_unit_test(test_other_zero),
		cmocka_unit_test(test_sctp_sizes),
		cmocka_unit_test(test_nothing_joins_behind_the_end),
	};

	return cmocka_run_group_tests_name(
		"gro conditions, nested", tests, eal_test_setup, eal_test_teardown);
}
