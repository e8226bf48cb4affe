"""Acts on tasks 事项操作: what people do to a task, as events on its case's stream.

Signing is acceptance 签收. A return 退回 must come within the return window, before it,
with a coded reason; it goes to the unit whose act routed the task, or to 领导小组办公室 where a
rule alone did; a second return goes to 领导小组. An upheld return leaves the on-time figure
on both sides; a rejected one never stopped the clock (信访工作条例 22 by analogy; 43号文 三).
"""

from __future__ import annotations

from domain.acts.commands import *
from domain.acts.decisions import *
from domain.acts.events import *
from domain.acts.state import *
