/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Forwarding data base of one bridge: MAC address -> object (port or remote) that it was last seen
 * behind.
 *
 * Theory of operation.  Buckets of eight slots, two candidate buckets for an address; a lookup
 * reads at most two cache lines of keys and one value.  All workers look up and learn without
 * locks: a slot is claimed by compare-and-swap on its key; the value (object, time, flags) is one
 * 64-bit word.  A reader reads key, value, key again: if the key changed meanwhile, the slot was
 * given to another address and the lookup misses (the frame is flooded, which is always right).
 * When both buckets are full, or the table's bound is reached, an address is not learned: an
 * address flood cannot push out those in use; ageing makes room.  Seeded hash, so that nobody can
 * choose addresses that share a bucket.
 *
 * Threads: fdb_lookup, fdb_learn: workers.  The rest: main thread.
 */
#ifndef CVSW_DP_FDB_H
#define CVSW_DP_FDB_H

#include <stdbool.h>
#include <stdint.h>

#define FDB_MISS 0 /* object 0 is nobody */

struct fdb;

/* A table for at most @max addresses. Aborts when out of memory. */
struct fdb *fdb_create(uint32_t max);
void fdb_destroy(struct fdb *f);

/* Object behind @mac (the address as a number, eth_mac_u64), or FDB_MISS. */
uint16_t fdb_lookup(const struct fdb *f, uint64_t mac);
/* @mac was seen as a source behind @obj at @now_s. Static entries stay where they are. */
void fdb_learn(struct fdb *f, uint64_t mac, uint16_t obj, uint32_t now_s);

/* Static entry, replacing what was known. 0 or -ENOSPC. */
int fdb_set_static(struct fdb *f, uint64_t mac, uint16_t obj, uint32_t now_s);
/* 0 or -ENOENT. */
int fdb_remove(struct fdb *f, uint64_t mac);
/* Forget learned entries of @obj (0: all); with @statics_too also static ones. Returns how many. */
#define FDB_STATICS_TOO 1u
uint32_t fdb_flush(struct fdb *f, uint16_t obj, unsigned int flags);
/* What was behind @from is behind @to now. */
void fdb_move(struct fdb *f, uint16_t from, uint16_t to);
/* Forget learned entries not seen for @age_s. Returns how many. */
uint32_t fdb_age(struct fdb *f, uint32_t now_s, uint32_t age_s);

struct fdb_entry {
	uint64_t mac;
	uint16_t obj;
	bool is_static;
	uint32_t seen_s;
};
typedef void fdb_cb(void *arg, const struct fdb_entry *e);
void fdb_walk(const struct fdb *f, fdb_cb *cb, void *arg);
uint32_t fdb_count(const struct fdb *f);
/* Addresses that could not be learned for want of room, since start. */
uint64_t fdb_n_full(const struct fdb *f);

#endif
