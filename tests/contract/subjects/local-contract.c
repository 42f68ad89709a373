/* SPDX-License-Identifier: MIT */

#include "actor-impl-subject.h"

int main(int argc, char **argv)
{
	return contract_run(&local_subject, argc, argv);
}
