/* SPDX-License-Identifier: MIT */

/* Hash tables of what lies elsewhere: chains in buckets, as many as there are nodes. */

#include "util/table.h"

#include "util/memory.h"

#include <stdlib.h>
#include <string.h>

void actor__table_init(struct actor__table *table)
{
	memset(table, 0, sizeof *table);
	table->buckets = table->few;
	table->n_buckets = ACTOR__TABLE_FEW;
}

void actor__table_deinit(struct actor__table *table)
{
	if (table->buckets != table->few)
		free(table->buckets);
}

static struct actor__table_node **bucket_of(const struct actor__table *table, uint64_t hash)
{
	return &table->buckets[hash & (table->n_buckets - 1)];
}

static void put(struct actor__table *table, struct actor__table_node *node)
{
	struct actor__table_node **bucket = bucket_of(table, node->hash);

	node->next = *bucket;
	*bucket = node;
}

/* Twice as many buckets, if there is memory. */
static void grow(struct actor__table *table)
{
	size_t n_before = table->n_buckets, n_buckets = 2 * n_before;
	struct actor__table_node **before = table->buckets;
	struct actor__table_node **buckets = actor__memory_alloc(n_buckets * sizeof *buckets);

	if (!buckets)
		return;
	table->buckets = buckets;
	table->n_buckets = n_buckets;
	for (size_t i = 0; i < n_before; i++) {
		struct actor__table_node *node = before[i];

		while (node) {
			struct actor__table_node *next = node->next;

			put(table, node);
			node = next;
		}
	}
	if (before != table->few)
		free(before);
}

void actor__table_insert(struct actor__table *table, struct actor__table_node *node, uint64_t hash)
{
	if (table->n_nodes == table->n_buckets)
		grow(table);
	node->hash = hash;
	put(table, node);
	table->n_nodes++;
}

void actor__table_remove(struct actor__table *table, struct actor__table_node *node)
{
	struct actor__table_node **link = bucket_of(table, node->hash);

	while (*link != node)
		link = &(*link)->next;
	*link = node->next;
	table->n_nodes--;
}

static struct actor__table_node *find_from(struct actor__table_node *node, uint64_t hash)
{
	while (node && node->hash != hash)
		node = node->next;
	return node;
}

struct actor__table_node *actor__table_first(const struct actor__table *table, uint64_t hash)
{
	return find_from(*bucket_of(table, hash), hash);
}

struct actor__table_node *actor__table_next(const struct actor__table_node *node)
{
	return find_from(node->next, node->hash);
}
