/* SPDX-License-Identifier: MIT */
#ifndef COSTS_H
#define COSTS_H

#include <sys/types.h>

enum { MOST_PROCESSES = 3 };

/**
 * struct costs - what a run costs, between costs_begin() and costs_end()
 * @pids:         all processes; 0 is the one that asks
 * @n_pids:       how many
 * @server:       whose memory matters
 * @ns:           time
 * @cpu_ns:       processor time of all
 * @server_bytes: by which the server's memory has grown
 */
struct costs {
	pid_t pids[MOST_PROCESSES];
	int n_pids;
	pid_t server;
	double ns;
	double cpu_ns;
	double server_bytes;
};

void costs_begin(struct costs *costs);
void costs_end(struct costs *costs);

#endif
