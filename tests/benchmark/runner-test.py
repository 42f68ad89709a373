#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The runner, on programs that say what they are told to."""

import argparse
import importlib.machinery
import importlib.util
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True

from runner import growth, matrix, measure, plot, programs, report



def load(name, path):
    """A program as a module."""
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


remote = load('remote', pathlib.Path(__file__).absolute().parent / 'remote/run')

COUNT = matrix.Measurement('count', 'capacity=16', 1)
FIGURE = '{"peer":"x","workload":"count","threads":1,"param":"","n":5,"ns_per_op":%s}'


class FakeCalibration:
    """Takes as long as it is told to; the best is 100."""

    def __init__(self, *times):
        self.times = list(times)
        self.best = {threads: 100 for threads in range(1, 9)}

    def take(self, threads):
        return self.times.pop(0) if self.times else 100

    is_disturbed = measure.Calibration.is_disturbed


def row(peer, value, measurement=COUNT, **more):
    return {'peer': peer, **measurement._asdict(), 'ns_per_op': value,
            'calibration_before_ns': 100, 'calibration_after_ns': 100, **more}


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.options = argparse.Namespace(rounds=3, timeout=20, quick=False)
        self.said = []

    def program(self, name, script):
        """A program that is a shell script."""
        path = self.folder / name
        path.write_text('#!/bin/sh\n' + script + '\n')
        path.chmod(0o755)
        return programs.Program(name, path, 'sh')

    def measure(self, *some, calibration=None, measurement=COUNT):
        rows = []
        measure.measure([measurement], list(some), self.options, calibration or FakeCalibration(),
                        rows.append, self.said.append)
        return rows


class Measuring(Case):
    def test_programs_take_turns_and_each_is_first_at_times(self):
        echo = "echo '%s'" % (FIGURE % 7)
        rows = self.measure(self.program('a', echo), self.program('b', echo))
        self.assertEqual([(one['peer'], one['round']) for one in rows],
                         [('a', 1), ('b', 1), ('b', 2), ('a', 2), ('a', 3), ('b', 3)])

    def test_a_peer_is_not_asked_for_what_it_has_no_program_for(self):
        echo = "echo '%s'" % (FIGURE % 7)
        some = [self.program(name, echo) for name in ('actor', 'go', 'uv', 'older')]
        for workload, names in (('count', {'actor', 'go', 'older'}),
                                ('latency', {'actor', 'go', 'older'}),
                                ('timer_fire', {'actor', 'uv', 'older'}),
                                ('idle_cpu', {'actor', 'older'})):
            rows = self.measure(*some, measurement=matrix.Measurement(workload, '', 1))
            self.assertEqual({one['peer'] for one in rows}, names)
        self.assertEqual([said for said in self.said if 'measured' not in said], [])

    def test_a_program_is_told_workload_threads_and_settings(self):
        tell = self.program('a', "echo '%s'; [ \"$*\" = 'count 1 capacity=16' ]" % (FIGURE % 7))
        self.assertEqual(self.measure(tell)[0]['ns_per_op'], 7)

    def test_a_program_is_told_what_is_its_own_first(self):
        tell = self.program('a', "echo '%s'; [ \"$*\" = 'count 1 as=it-is capacity=16' ]"
                            % (FIGURE % 7))
        row, *_ = self.measure(tell._replace(arguments=('as=it-is',)))
        self.assertEqual(row['ns_per_op'], 7)

    def test_quick_runs_are_told_so_but_keep_a_number_that_was_asked_for(self):
        self.assertEqual(matrix.settings(COUNT, True), ['capacity=16', 'n=500000'])
        asked = matrix.Measurement('count', 'n=3', 1)
        self.assertEqual(matrix.settings(asked, True), ['n=3'])

    def test_what_fails_is_reported_and_not_run_again(self):
        for script, error in (('echo no good >&2; exit 1', 'exit 1: no good'),
                              ('kill -SEGV $$', 'signal 11'),
                              ('echo nonsense', 'not a line of JSON'),
                              ('echo "{}"', 'no figure')):
            rows = self.measure(self.program('a', script))
            self.assertEqual(len(rows), 1)
            self.assertIn(error, rows[0]['error'])

    def test_a_program_that_hangs_is_ended(self):
        self.options.timeout = 0.2
        rows = self.measure(self.program('a', 'exec sleep 100'))
        self.assertIn('not through', rows[0]['error'])

    def test_what_a_peer_does_not_have_is_no_failure(self):
        for script in ('echo \'{"peer":"a","workload":"count","skipped":"why"}\'',
                       'echo why >&2; exit 2'):
            rows = self.measure(self.program('a', script))
            self.assertEqual([one.get('skipped') for one in rows], ['why'])

    def test_a_disturbed_run_is_repeated_a_bounded_number_of_times(self):
        self.options.rounds = 1
        echo = self.program('a', "echo '%s'" % (FIGURE % 7))
        self.assertEqual(len(self.measure(echo, calibration=FakeCalibration(100, 116))), 2)
        always = FakeCalibration(*[200] * 100)
        self.assertEqual(len(self.measure(echo, calibration=always)), 1 + measure.MOST_REPEATS)


class Reporting(Case):
    def lines(self, *rows, names=('actor', 'go', 'tokio')):
        return list(report.lines(rows, names, FakeCalibration().is_disturbed))

    def test_the_median_counts(self):
        line, = self.lines(row('actor', 9), row('actor', 1), row('actor', 2))
        self.assertEqual(line.cells['actor'], report.Summary(2, 1, 9, 3, False))

    def test_disturbed_runs_count_only_if_there_are_no_others(self):
        disturbed = row('actor', 9, calibration_after_ns=116)
        line, = self.lines(disturbed, row('actor', 1))
        self.assertEqual(line.cells['actor'], report.Summary(1, 1, 1, 1, False))
        line, = self.lines(disturbed)
        self.assertEqual(line.cells['actor'], report.Summary(9, 9, 9, 1, True))
        self.assertEqual(report.text_of(line.cells['actor'], False), '9.00~')

    def test_the_ratio_is_to_the_best_peer_and_is_held_against_what_is_required(self):
        for ours, holds in ((20, 'yes'), (20.1, '**no**')):
            line, = self.lines(row('actor', ours), row('go', 30), row('tokio', 31))
            self.assertEqual(line.best, 'go')
            self.assertEqual(report.row_of(line, ['actor', 'go'])[-1], holds)

    def test_who_cannot_be_compared_is_shown_but_is_not_the_best(self):
        measurement = matrix.Measurement('call_from_main', '', 1)
        line, = self.lines(row('actor', 10, measurement), row('go', 1, measurement),
                           row('tokio', 100, measurement))
        self.assertEqual((line.best, line.ratio), ('tokio', 10))
        self.assertEqual(line.cells['go'].median, 1)

    def test_a_failure_is_not_hidden_by_runs_that_went_well(self):
        failed = {**row('go', 1), 'error': 'exit 1: sum'}
        rows = [row('actor', 10), row('go', 1), failed]
        line, = self.lines(*rows)
        self.assertEqual(line.cells['go'], 'failed')
        self.assertIsNone(line.best)
        self.assertIn('exit 1: sum', '\n'.join(report.remarks(rows)))

    def test_results_have_a_row_per_program_and_figure(self):
        rows = list(report.results(self.lines(row('actor', 10), row('go', 30))))
        self.assertEqual([(one['peer'], one['ns_per_op']) for one in rows],
                         [('actor', 10), ('go', 30)])

    def test_the_table_has_as_many_cells_as_its_head(self):
        text = list(report.markdown(self.lines(row('actor', 10), row('go', 30)),
                                    ['actor', 'go', 'tokio']))
        self.assertEqual(len({line.count('|') for line in text}), 1)


class Growing(Case):
    def test_every_point_becomes_part_of_a_curve(self):
        points = list(growth.measurements([1]))
        rows = [row('actor', 10, measurement) for measurement in
                dict.fromkeys(measurement for _, measurement in points)]
        table = list(report.lines(rows, ['actor'], FakeCalibration().is_disturbed))
        panels = dict(growth.panels(points, table))
        for one in matrix.GROWTHS:
            self.assertEqual(len(panels[one]), len(one.lines))
            for curve in panels[one].values():
                self.assertEqual([value for value, _ in curve], list(one.values))
        self.assertIn('### threads', list(growth.markdown(panels.items())))

    @unittest.skipUnless(plot.is_there(), 'gnuplot is missing')
    def test_pictures_are_drawn(self):
        names = ['actor', 'go', 'caf']
        rows = [row('actor', 10), row('go', 30), {**row('caf', 1), 'error': 'no figure'}]
        table = list(report.lines(rows, names, FakeCalibration().is_disturbed))
        self.assertEqual(list(plot.bars(self.folder, table, names)), ['table-1.svg'])
        self.assertIn('</svg>', (self.folder / 'table-1.svg').read_text())
        points = list(growth.measurements([1]))
        rows = [row('actor', 10, measurement) for _, measurement in points]
        table = list(report.lines(rows, ['actor'], FakeCalibration().is_disturbed))
        plot.growths(self.folder, growth.panels(points, table))
        self.assertIn('</svg>', (self.folder / 'growth.svg').read_text())


class Connections(Case):
    @unittest.skipUnless(plot.is_there(), 'gnuplot is missing')
    def test_pictures_are_of_what_peers_do_too(self):
        rows = [row(role, value, matrix.Measurement(workload, param, cores))
                for workload, param, roles in (
                    ('one_way', 'transport=tcp', ('bare', 'actor', 'zmq')),
                    ('one_way', 'transport=tcp secure=yes', ('actor', 'zmq')),
                    ('one_way', 'transport=unix', ('bare', 'actor', 'zmq')),
                    ('relay_in_flight', 'transport=tcp', ('bare', 'actor')))
                for cores in (1, 2)
                for role, value in zip(roles, (100, 200, 400))]
        table = report.lines(rows, list(remote.ROLES), FakeCalibration().is_disturbed)
        (self.folder / 'remote-results.jsonl').write_text(
            '\n'.join(map(json.dumps, report.results(table))))
        self.assertEqual(list(remote.pictures(self.folder)), ['remote-1.svg', 'remote-2.svg'])
        self.assertEqual((self.folder / 'remote-1.dat').read_text().splitlines(), [
            '# measurement by hand on the loop libzmq', '"one_way" 100.00 200.00 400.00',
            '"one_way encrypted" ? 100.00 200.00'])
        self.assertIn(', 1 core<', (self.folder / 'remote-1.svg').read_text())

    def end_of_row(self, *some, workload='round_trip'):
        measurement = matrix.Measurement(workload, 'transport=tcp', 1)
        rows = [row(role, value, measurement) for role, value in some]
        line, = report.lines(rows, list(remote.ROLES), FakeCalibration().is_disturbed)
        return remote.row_of(line)[-4:]

    def test_the_ratio_is_to_what_is_written_by_hand_and_is_held_against_the_aim(self):
        for ours, ends in ((13, ['1.30', '', '1.3 by hand', 'yes']),
                           (13.1, ['1.31', '', '1.3 by hand', '**no**'])):
            self.assertEqual(self.end_of_row(('bare', 10), ('actor', ours)), ends)
        self.assertEqual(self.end_of_row(('actor', 13), ('pool', 20)), [''] * 4)

    def test_it_has_to_be_ahead_of_the_better_of_the_peers(self):
        for ours, ends in ((10, ['', '1.50', '1.5 ahead', 'yes']),
                           (11, ['', '1.36', '1.5 ahead', '**no**'])):
            self.assertEqual(self.end_of_row(('actor', ours), ('zmq', 15), ('nng', 90),
                                             workload='one_way'), ends)
        self.assertEqual(self.end_of_row(('actor', 10), ('nng', 20), workload='in_flight'),
                         ['', '2.00', '1.5 ahead', 'yes'])
        self.assertEqual(self.end_of_row(('actor', 10), ('zmq', 20))[1:], ['2.00', '', ''])

    def test_the_table_has_as_many_cells_as_its_head(self):
        rows = [row(role, 10, measurement) for measurement, roles
                in remote.measurements(remote.WORKLOADS) for role in roles]
        table = list(report.lines(rows, list(remote.ROLES), FakeCalibration().is_disturbed))
        text = list(remote.markdown(table))
        self.assertEqual(len({line.count('|') for line in text}), 1)
        self.assertEqual(len(text), 2 + len(list(remote.measurements(remote.WORKLOADS))))

    def test_any_core_that_is_disturbed_disturbs(self):
        calibration = remote.Calibration(self.program('calibrate', 'echo $((100 * $1))').path)
        n = 100 * remote.os.cpu_count()
        self.assertEqual(calibration.take(1), n)
        for ns, disturbed in ((n, False), (2 * n, True)):
            taken = row('actor', 1, calibration_after_ns=ns)
            self.assertEqual(calibration.is_disturbed(taken), disturbed)


if __name__ == '__main__':
    unittest.main()
