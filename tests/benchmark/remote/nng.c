/* SPDX-License-Identifier: MIT */

/*
 * The same by nng: pair sockets, with messages of as many bytes as the library's have. A number
 * tells which call its answer belongs to.
 */

#include "bare-loop.h"
#include "costs.h"
#include "remote.h"
#include "secure.h"
#include "services.h"

#include <arpa/inet.h>
#include <nng/nng.h>
#include <nng/protocol/pair0/pair.h>
#include <nng/supplemental/tls/tls.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* Messages that may wait, each way: the most that it allows. */
enum { MOST_WAITING = 8192 };

static void check(int rc)
{
	if (rc != 0)
		wrong(nng_strerror(rc));
}

static nng_socket socket_open(void)
{
	nng_socket socket;

	check(nng_pair0_open(&socket));
	check(nng_socket_set_int(socket, NNG_OPT_SENDBUF, MOST_WAITING));
	check(nng_socket_set_int(socket, NNG_OPT_RECVBUF, MOST_WAITING));
	return socket;
}

/* TLS, over TCP alone. */
static nng_tls_config *tls_of(const struct settings *settings, nng_tls_mode mode)
{
	nng_tls_config *tls;

	if (!is_secure(settings))
		return NULL;
	check(nng_tls_config_alloc(&tls, mode));
	check(nng_tls_config_ca_chain(tls, secure_file("authority.pem"), NULL));
	check(nng_tls_config_own_cert(tls, secure_file("both.pem"), secure_file("both.key"), NULL));
	check(nng_tls_config_auth_mode(tls, NNG_TLS_AUTH_MODE_REQUIRED));
	if (mode == NNG_TLS_MODE_CLIENT)
		check(nng_tls_config_server_name(tls, SECURE_NAME));
	return tls;
}

static nng_msg *message_of(const uint8_t *bytes, size_t n)
{
	nng_msg *message;

	check(nng_msg_alloc(&message, n));
	if (n > 0)
		memcpy(nng_msg_body(message), bytes, n);
	return message;
}

static void send_number(nng_socket socket, uint64_t number)
{
	uint8_t bytes[BARE_NUMBER];

	bare_put_number(bytes, number);
	check(nng_sendmsg(socket, message_of(bytes, sizeof bytes), 0));
}

static uint64_t receive_number(nng_socket socket)
{
	nng_msg *message;
	uint64_t number;

	check(nng_recvmsg(socket, &message, 0));
	EXPECT(nng_msg_len(message) == BARE_NUMBER);
	number = bare_get_number(nng_msg_body(message));
	nng_msg_free(message);
	return number;
}

/* ---- who serves */

static void *end(void *user)
{
	void *const *both = user;

	station_wait(both[1]);
	nng_close(*(nng_socket *)both[0]);
	return NULL;
}

/* A number is sent back; many are added up; nothing asks for their sum. */
static void serve(nng_socket socket, nng_msg *message, uint64_t *sum)
{
	size_t n = nng_msg_len(message);

	if (n == BARE_NUMBER) {
		if (nng_sendmsg(socket, message, 0) != 0)
			nng_msg_free(message); /* it is over */
		return;
	}
	if (n == 0) {
		send_number(socket, *sum);
	} else {
		EXPECT(n == BARE_NUMBERS);
		*sum += bare_get_number((uint8_t *)nng_msg_body(message) + 1);
	}
	nng_msg_free(message);
}

static void listen_tcp(const struct settings *settings, nng_socket socket,
		       char address[MOST_ADDRESS])
{
	const char *scheme = is_secure(settings) ? "tls+tcp" : "tcp";
	nng_tls_config *tls = tls_of(settings, NNG_TLS_MODE_SERVER);
	nng_listener listener;
	nng_sockaddr where;

	snprintf(address, MOST_ADDRESS, "%s://127.0.0.1:0", scheme);
	check(nng_listener_create(&listener, socket, address));
	if (tls)
		check(nng_listener_set_ptr(listener, NNG_OPT_TLS_CONFIG, tls));
	check(nng_listener_start(listener, 0));
	check(nng_listener_get_addr(listener, NNG_OPT_LOCADDR, &where));
	snprintf(address, MOST_ADDRESS, "%s://127.0.0.1:%d", scheme, ntohs(where.s_in.sa_port));
}

static void address_of(const struct settings *settings, nng_socket socket,
		       char address[MOST_ADDRESS])
{
	char path[MOST_ADDRESS];

	if (strcmp(settings->transport, "tcp") == 0) {
		listen_tcp(settings, socket, address);
		return;
	}
	snprintf(address, MOST_ADDRESS, "ipc://%.80s", somewhere("unix", path) + strlen("unix:"));
	check(nng_listen(socket, address, NULL, 0));
}

void libnng_serve(const struct settings *settings, const struct station *station)
{
	nng_socket socket = socket_open();
	void *both[] = { &socket, (void *)station };
	char address[MOST_ADDRESS];
	nng_msg *message;
	uint64_t sum = 0;
	pthread_t thread;
	int rc;

	address_of(settings, socket, address);
	EXPECT(pthread_create(&thread, NULL, end, both) == 0);
	station_ready(station, address);
	while ((rc = nng_recvmsg(socket, &message, 0)) == 0)
		serve(socket, message, &sum);
	EXPECT(rc == NNG_ECLOSED);
	pthread_join(thread, NULL);
}

/* ---- who asks */

static nng_socket client_open(const struct settings *settings, const char *address)
{
	nng_tls_config *tls = tls_of(settings, NNG_TLS_MODE_CLIENT);
	nng_socket socket = socket_open();
	nng_dialer dialer;

	check(nng_dialer_create(&dialer, socket, address));
	if (tls)
		check(nng_dialer_set_ptr(dialer, NNG_OPT_TLS_CONFIG, tls));
	check(nng_dialer_start(dialer, 0));
	send_number(socket, FIRST_NUMBER);
	EXPECT(receive_number(socket) == FIRST_NUMBER);
	return socket;
}

/* Over one connection answers come in the order of the calls. */
void libnng_calls(const struct settings *settings, const char *address, struct costs *costs)
{
	nng_socket socket = client_open(settings, address);
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
	nng_close(socket);
}

void libnng_sends(const struct settings *settings, const char *address, struct costs *costs)
{
	nng_socket socket = client_open(settings, address);
	uint8_t bytes[BARE_NUMBERS];
	uint64_t sum = 0;

	costs_begin(costs);
	for (uint64_t i = 0; i < settings->n; i++) {
		sum += bare_put_numbers(bytes, FIRST_NUMBER + i);
		check(nng_sendmsg(socket, message_of(bytes, sizeof bytes), 0));
	}
	check(nng_sendmsg(socket, message_of(NULL, 0), 0));
	EXPECT(receive_number(socket) == sum);
	costs_end(costs);
	nng_close(socket);
}
