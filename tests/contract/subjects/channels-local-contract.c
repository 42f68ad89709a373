/* SPDX-License-Identifier: MIT */

/* The contract, tested on actor-impl with mailboxes on channels that are given: local. */

#include "actor-impl-subject.h"
#include "channels-subject.h"

int main(int argc, char **argv)
{
	const struct contract_subject subject = channels_subject(&local_subject);

	return contract_run(&subject, argc, argv);
}
