/* SPDX-License-Identifier: MIT */
#ifndef TESTS_REMOTE_IO_FIXTURE_H
#define TESTS_REMOTE_IO_FIXTURE_H

/* First, because of its cmocka. */
#include "impl/hand.h"
#include "impl/test.h"

#include <actor-remote/io.h>

/** DOC: a loop with a thread of its own, who listens there, and other sockets, of nobody's library
 */

/** io - of the test; io_open() makes it */
extern struct actor_io *io;

/** n_accepted, n_closed - listeners count there */
extern struct tally n_accepted, n_closed;

/** accepted - what was, in order; the test's to destroy */
extern struct actor_transport *accepted[64];

/** refuse_poll - have libuv refuse handles that poll */
extern atomic_bool refuse_poll;

/** refuse_accept - have the system accept nobody, and leave all where they are */
extern atomic_bool refuse_accept;

/** connects_from_there - have who connects do so from the very address that he connects to */
extern atomic_bool connects_from_there;

/** io_warm_up() - around all: what is made once for the process */
int io_warm_up(void **state);

/** io_open(), io_close() - around each test; the latter sees that nothing is left, and joins */
int io_open(void **state);
int io_close(void **state);

#define IO_TEST(test) cmocka_unit_test_setup_teardown(test, io_open, io_close)

/** io_count_descriptors() - of the process */
unsigned io_count_descriptors(void);

/** io_listen() - a listener that keeps what it accepts: 0 or an error */
int io_listen(const char *address, size_t most, struct actor_listener **ret_listener);

/** io_destroy_accepted() - the first @n: on the test's thread, as they are not started */
void io_destroy_accepted(unsigned first, unsigned n);

/** io_deadline_in() - so many milliseconds from now */
int64_t io_deadline_in(int64_t ms);

/** plain_listen() - a socket of the test's that listens at 127.0.0.1 or at a path: its descriptor
 */
int plain_listen(const char *path, int backlog, unsigned *ret_port);

/** plain_connect() - a socket of the test's that is connected, or is going to be: its descriptor;
 * exits if that is refused */
int plain_connect(const char *address);

/** plain_ends() - whether a socket of the test's sees its end, before it takes too long */
bool plain_ends(int fd);

/** temporary_path() - where a file may be made; the directory is removed by io_close() */
const char *temporary_path(const char *name);

/** unix_address() - "unix:" and a path */
const char *unix_address(const char *path);

/** tcp_address() - "tcp:127.0.0.1:" and a port */
const char *tcp_address(unsigned port);

#endif
