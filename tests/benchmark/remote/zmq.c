/* SPDX-License-Identifier: MIT */

/*
 * The same by libzmq: dealer sockets, which put no bound on what is under way, and messages of as
 * many bytes as the library's have. A number tells which call its answer belongs to.
 */

#include "bare-loop.h"
#include "costs.h"
#include "remote.h"
#include "secure.h"
#include "services.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

/* Messages that may wait, each way: so many that nobody waits for room often. */
enum { MOST_WAITING = 100000 };

static int check(int rc)
{
	if (rc < 0)
		wrong(zmq_strerror(zmq_errno()));
	return rc;
}

static void *socket_open(void *context)
{
	void *socket = zmq_socket(context, ZMQ_DEALER);

	EXPECT(socket);
	check(zmq_setsockopt(socket, ZMQ_SNDHWM, &(int){ MOST_WAITING }, sizeof(int)));
	check(zmq_setsockopt(socket, ZMQ_RCVHWM, &(int){ MOST_WAITING }, sizeof(int)));
	return socket;
}

/* Its own way to be secure, CURVE. Both sides are of one process at first, which makes their keys;
 * that they are the same makes no difference. */
static struct {
	char public[41];
	char secret[41];
} keys;

void libzmq_prepare(const struct settings *settings)
{
	if (is_secure(settings))
		check(zmq_curve_keypair(keys.public, keys.secret));
}

static void secure(void *socket, const struct settings *settings, bool serves)
{
	if (!is_secure(settings))
		return;
	check(zmq_setsockopt(socket, ZMQ_CURVE_SERVER, &(int){ serves }, sizeof(int)));
	check(zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys.secret, sizeof keys.secret));
	check(zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys.public, sizeof keys.public));
	if (!serves)
		check(zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys.public, sizeof keys.public));
}

static void send_number(void *socket, uint64_t number)
{
	uint8_t bytes[BARE_NUMBER];

	bare_put_number(bytes, number);
	check(zmq_send(socket, bytes, sizeof bytes, 0));
}

static uint64_t receive_number(void *socket)
{
	uint8_t bytes[BARE_NUMBER];

	EXPECT(check(zmq_recv(socket, bytes, sizeof bytes, 0)) == BARE_NUMBER);
	return bare_get_number(bytes);
}

/* ---- who serves */

static void *end(void *user)
{
	void *const *both = user;

	station_wait(both[1]);
	zmq_ctx_shutdown(both[0]);
	return NULL;
}

/* A number is sent back; many are added up; nothing asks for their sum. */
static void serve(void *socket, zmq_msg_t *message, uint64_t *sum)
{
	const uint8_t *bytes = zmq_msg_data(message);
	size_t n = zmq_msg_size(message);

	if (n == BARE_NUMBER) {
		zmq_msg_send(message, socket, 0);
	} else if (n == 0) {
		send_number(socket, *sum);
	} else {
		EXPECT(n == BARE_NUMBERS);
		*sum += bare_get_number(bytes + 1);
	}
}

static void address_of(const struct settings *settings, void *socket, char address[MOST_ADDRESS])
{
	char path[MOST_ADDRESS];
	size_t n = MOST_ADDRESS;

	if (strcmp(settings->transport, "tcp") == 0)
		check(zmq_bind(socket, "tcp://127.0.0.1:*"));
	else {
		snprintf(address, MOST_ADDRESS, "ipc://%.80s",
			 somewhere("unix", path) + strlen("unix:"));
		check(zmq_bind(socket, address));
	}
	check(zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, address, &n));
}

void libzmq_serve(const struct settings *settings, const struct station *station)
{
	void *context = zmq_ctx_new(), *socket = socket_open(context);
	void *both[] = { context, (void *)station };
	char address[MOST_ADDRESS];
	zmq_msg_t message;
	uint64_t sum = 0;
	pthread_t thread;

	secure(socket, settings, true);
	address_of(settings, socket, address);
	EXPECT(pthread_create(&thread, NULL, end, both) == 0);
	station_ready(station, address);
	zmq_msg_init(&message);
	while (zmq_msg_recv(&message, socket, 0) >= 0)
		serve(socket, &message, &sum);
	EXPECT(zmq_errno() == ETERM);
	zmq_msg_close(&message);
	check(zmq_close(socket));
	pthread_join(thread, NULL);
	check(zmq_ctx_term(context));
}

/* ---- who asks */

static void *client_open(void *context, const struct settings *settings, const char *address)
{
	void *socket = socket_open(context);

	secure(socket, settings, false);
	check(zmq_connect(socket, address));
	send_number(socket, FIRST_NUMBER);
	EXPECT(receive_number(socket) == FIRST_NUMBER);
	return socket;
}

static void client_close(void *context, void *socket)
{
	check(zmq_close(socket));
	check(zmq_ctx_term(context));
}

/* Over one connection answers come in the order of the calls. */
void libzmq_calls(const struct settings *settings, const char *address, struct costs *costs)
{
	void *context = zmq_ctx_new(), *socket = client_open(context, settings, address);
	uint64_t n_called = 0;

	costs_begin(costs);
	while (n_called < settings->n && n_called < settings->in_flight)
		send_number(socket, FIRST_NUMBER + n_called++);
	for (uint64_t i = 0; i < settings->n; i++) {
		EXPECT(receive_number(socket) == FIRST_NUMBER + i);
		if (n_called < settings->n)
			send_number(socket, FIRST_NUMBER + n_called++);
	}
	costs_end(costs);
	client_close(context, socket);
}

void libzmq_sends(const struct settings *settings, const char *address, struct costs *costs)
{
	void *context = zmq_ctx_new(), *socket = client_open(context, settings, address);
	uint8_t bytes[BARE_NUMBERS];
	uint64_t sum = 0;

	costs_begin(costs);
	for (uint64_t i = 0; i < settings->n; i++) {
		sum += bare_put_numbers(bytes, FIRST_NUMBER + i);
		check(zmq_send(socket, bytes, sizeof bytes, 0));
	}
	check(zmq_send(socket, NULL, 0, 0));
	EXPECT(receive_number(socket) == sum);
	costs_end(costs);
	client_close(context, socket);
}
