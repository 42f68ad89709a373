/* SPDX-License-Identifier: MIT */
#ifndef WORDCOUNT_WORKER_H
#define WORDCOUNT_WORKER_H

/**
 * worker_main() - count for others, until SIGINT or SIGTERM
 * @address: where to listen; it is printed, with the port that was picked, when it does
 *
 * Return: how to end the program
 */
int worker_main(const char *address);

#endif
