/* SPDX-License-Identifier: MIT */

#include "costs.h"

#include "process.h"

#include <time.h>

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static double cpu_ns(const struct costs *costs)
{
	double ns = 0;

	for (int i = 0; i < costs->n_pids; i++)
		ns += process_cpu_ns(costs->pids[i]);
	return ns;
}

void costs_begin(struct costs *costs)
{
	costs->server_bytes = process_resident_bytes(costs->server);
	costs->cpu_ns = cpu_ns(costs);
	costs->ns = now_ns();
}

void costs_end(struct costs *costs)
{
	costs->ns = now_ns() - costs->ns;
	costs->cpu_ns = cpu_ns(costs) - costs->cpu_ns;
	costs->server_bytes = process_resident_bytes(costs->server) - costs->server_bytes;
}
