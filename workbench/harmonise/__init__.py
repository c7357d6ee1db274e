"""Many organisations' practices made one procedure: compared, judged, unified, configured, and improved.

Every sub-room reads from those before it: `vocabulary` and `conformance`, `discovery`, `comparison`, then `unification`,
`configuration`, `migration` on the one side and `impact`, `deviations`, `recommendation` on the other. The logs of the
organisations and the control of false discoveries belong to all of them.
"""
