"""The edge's side of the archive: requests over the bus, faults as exceptions."""

from dragoman_contract import rpc, subjects
from dragoman_contract.errors import FaultCode, MeshError
from dragoman_edge.mesh.accounts import fault_error
from dragoman_kit.bus import RPC_TIMEOUT_S, Bus

SUMMARY_S = 90.0  # a model takes its time

_METHODS: dict[type[rpc.ArchiveRequest], tuple[str, type[rpc.ArchiveReply]]] = {
    rpc.ListTasksRequest: ("list_tasks", rpc.ListTasksReply),
    rpc.GetTaskRequest: ("get_task", rpc.GetTaskReply),
    rpc.ListEntriesRequest: ("list_entries", rpc.ListEntriesReply),
    rpc.ChangeTasksRequest: ("change_tasks", rpc.ChangeTasksReply),
    rpc.ChangeSpeakersRequest: ("change_speakers", rpc.ChangeSpeakersReply),
    rpc.KeepTranslationRequest: ("keep_translation", rpc.KeepTranslationReply),
    rpc.GetWebhookSecretRequest: ("get_webhook_secret", rpc.GetWebhookSecretReply),
    rpc.GetSummaryRequest: ("get_summary", rpc.GetSummaryReply),
    rpc.GetAudioRequest: ("get_audio", rpc.GetAudioReply),
    rpc.ReadAudioRequest: ("read_audio", rpc.ReadAudioReply),
    rpc.SummariseRequest: ("summarise", rpc.SummariseReply),
    rpc.TaskStoredRequest: ("task_stored", rpc.TaskStoredReply),
    rpc.DeleteTasksRequest: ("delete_tasks", rpc.DeleteTasksReply),
    rpc.EnrolSpeakerRequest: ("enrol_speaker", rpc.EnrolSpeakerReply),
    rpc.ListSpeakersRequest: ("list_speakers", rpc.ListSpeakersReply),
    rpc.KnownSpeakersRequest: ("known_speakers", rpc.KnownSpeakersReply),
    rpc.DeleteSpeakerRequest: ("delete_speaker", rpc.DeleteSpeakerReply),
}


class Archive:
    """Requests to the queue group `archive`."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    async def ask(self, request: rpc.ArchiveRequest) -> rpc.ArchiveReply:
        """Ask, and return a reply that has no fault.

        Raises:
            DragomanError: what the archive refused, or `UNAVAILABLE`.
        """
        method, reply = _METHODS[type(request)]
        wait_s = SUMMARY_S if isinstance(request, rpc.SummariseRequest) else RPC_TIMEOUT_S
        try:
            subject = subjects.archive(method)
            answer: rpc.ArchiveReply = await self._bus.request(subject, request, reply, wait_s)
        except MeshError as exc:
            raise MeshError(
                FaultCode.UNAVAILABLE, "the archive cannot be reached", retry_after_ms=2000
            ) from exc
        if answer.fault is not None:
            raise fault_error(answer.fault)
        return answer
