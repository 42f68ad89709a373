/* SPDX-License-Identifier: MIT */
#ifndef ACTOR__TABLE_H
#define ACTOR__TABLE_H

#include <stddef.h>
#include <stdint.h>

/** struct actor__table_node - a place in a table, in what embeds it */
struct actor__table_node {
	struct actor__table_node *next;
	uint64_t hash;
};

#define ACTOR__TABLE_FEW 16

/**
 * struct actor__table - finds nodes by their hashes, of which several may have the same one
 *
 * Inserting never fails: without memory for more buckets, those that there are get fuller. Whoever
 * uses it guards it.
 */
struct actor__table {
	struct actor__table_node **buckets;
	size_t n_buckets;
	size_t n_nodes;
	struct actor__table_node *few[ACTOR__TABLE_FEW];
};

void actor__table_init(struct actor__table *table);
void actor__table_deinit(struct actor__table *table);

/** actor__table_insert() - a node, under a hash whose low bits differ */
void actor__table_insert(struct actor__table *table, struct actor__table_node *node, uint64_t hash);

/** actor__table_remove() - one that is in it */
void actor__table_remove(struct actor__table *table, struct actor__table_node *node);

/** actor__table_first() - a node with that hash; or NULL */
struct actor__table_node *actor__table_first(const struct actor__table *table, uint64_t hash);

/** actor__table_next() - another one with the same; or NULL */
struct actor__table_node *actor__table_next(const struct actor__table_node *node);

#endif
